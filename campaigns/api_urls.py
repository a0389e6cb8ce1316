"""API addresses of this wing."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from campaigns.api import CampaignViewSet, CandidateViewSet
from campaigns.reports.api import FunnelView

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("candidates", CandidateViewSet, basename="candidate")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    path("reports/funnel", FunnelView.as_view(), name="api-funnel"),
]
