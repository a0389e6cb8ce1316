"""Finding an address over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.senders.verification import services
from leads.directory.api import IdentitySerializer
from leads.models import Lead
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest.views import APIView


class FindEmailView(APIView):
    """Ask a finder for the e-mail address of a lead that has none. 409 with a code when there is nothing to ask or to find."""

    calls_out = True
    required_role = Role.OPERATOR

    @extend_schema(request=None, responses={201: IdentitySerializer})
    def post(self, request: Request, pk: int) -> Response:
        lead = get_object_or_404(Lead.objects.alive().select_related("company"), pk=pk)
        identity = services.find_email(lead=lead, actor=Actor.of(request.user))
        return Response(IdentitySerializer(identity).data, status=status.HTTP_201_CREATED)
