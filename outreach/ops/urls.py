"""Health, metrics and jobs."""

from django.urls import URLPattern, URLResolver, path

from outreach.ops import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", views.live, name="health-live"),
    path("health/ready", views.ready, name="health-ready"),
    path("metrics", views.metrics_page, name="metrics"),
]
