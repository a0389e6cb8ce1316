"""API addresses of this wing."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from rest_framework.routers import SimpleRouter

from leads.directory.api import CompanyViewSet, IdentityViewSet, LeadViewSet
from leads.duplicates.api import DuplicateViewSet, MergeViewSet
from leads.imports.api import BatchViewSet, ExportViewSet, SavedMappingViewSet
from leads.learning.agents.api import ChooseView
from leads.learning.measurements.api import EvaluationViewSet

router = SimpleRouter()
router.register("companies", CompanyViewSet, basename="api-companies")
router.register("duplicates", DuplicateViewSet, basename="api-duplicates")
router.register("exports", ExportViewSet, basename="api-exports")
router.register("identities", IdentityViewSet, basename="api-identities")
router.register("imports/mappings", SavedMappingViewSet, basename="api-import-mappings")
router.register("imports", BatchViewSet, basename="api-imports")
router.register("leads", LeadViewSet, basename="api-leads")
router.register("ml/evaluations", EvaluationViewSet, basename="api-evaluations")
router.register("merges", MergeViewSet, basename="api-merges")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("leads.insights.api_urls")),
    path("", include("leads.qualification.api_urls")),
    path("", include("leads.segments.api_urls")),
    re_path(r"^ml/choose/?$", ChooseView.as_view(), name="api-ml-choose"),
    path("", include("leads.sources.api_urls")),
    path("", include("leads.sources.network.api_urls")),
    path("", include(router.urls)),
]
