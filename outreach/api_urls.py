"""API addresses of the floor."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from outreach.jobs.api import JobViewSet

router = SimpleRouter()
router.register("jobs", JobViewSet)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(router.urls))]
