"""Jobs over the API."""

from __future__ import annotations

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.jobs import services
from outreach.jobs.models import Job


class JobSerializer(ModelSerializer[Job]):
    class Meta:
        model = Job
        fields = [
            "id", "kind", "state", "subject_type", "subject_id", "done_count", "total_count", "outcome", "error", "waits_until",
            "created_at", "started_at", "finished_at",
        ]  # fmt: skip


class JobViewSet(viewsets.ReadOnlyModelViewSet[Job]):
    """Background work: state, progress, outcome."""

    queryset = Job.objects.all()
    serializer_class = JobSerializer
    filterset_fields = ["state", "kind", "subject_type", "subject_id"]

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop the job."""
        job = services.cancel(job=self.get_object(), actor=Actor.of(request.user))
        return Response(self.get_serializer(job).data)

    @action(detail=True, methods=["post"], url_path="run-again")
    def run_again(self, request: Request, pk: str) -> Response:
        """Run a failed or cancelled job again."""
        job = services.run_again(job=self.get_object(), actor=Actor.of(request.user))
        return Response(self.get_serializer(job).data)
