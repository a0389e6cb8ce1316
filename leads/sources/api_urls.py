"""API addresses of sources."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from leads.sources.api import CrawlJobViewSet, QueueStatusView

router = SimpleRouter()
router.register("scraper/jobs", CrawlJobViewSet, basename="api-crawl-jobs")

urlpatterns: list[URLPattern | URLResolver] = [
    path("scraper/queue/status/", QueueStatusView.as_view(), name="api-crawl-queue"),
    path("", include(router.urls)),
]
