"""API addresses of this wing."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from leads.api import CompanyViewSet, IdentityViewSet, LeadViewSet
from leads.imports.api import BatchViewSet

router = SimpleRouter()
router.register("companies", CompanyViewSet, basename="api-companies")
router.register("identities", IdentityViewSet, basename="api-identities")
router.register("imports", BatchViewSet, basename="api-imports")
router.register("leads", LeadViewSet, basename="api-leads")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("leads.qualification.api_urls")),
    path("", include("leads.segments.api_urls")),
    path("", include(router.urls)),
]
