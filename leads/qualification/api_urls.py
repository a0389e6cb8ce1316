"""API addresses of qualification."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from rest_framework.routers import SimpleRouter

from leads.qualification.api import BriefViewSet, QualifyView, VerdictViewSet

router = SimpleRouter()
router.register("briefs", BriefViewSet)
router.register("verdicts", VerdictViewSet)
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    re_path(r"^qualification/qualify/(?P<lead_id>[0-9]{1,18})/?$", QualifyView.as_view(), name="api-qualify"),
    re_path(r"^leads/(?P<lead_id>[0-9]{1,18})/qualify/?$", QualifyView.as_view(), name="api-lead-qualify"),
]
