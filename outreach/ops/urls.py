"""Health, metrics and jobs."""

from django.urls import URLPattern, URLResolver, path

from outreach.ops import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", views.live, name="health-live"),
    path("health/ready", views.ready, name="health-ready"),
    path("health/deep", views.deep, name="health-deep"),
    path("operations/", views.operations, name="operations"),
    path("operations/processes/<int:pk>/removal/", views.process_removal, name="operations-removal"),
    path("metrics", views.metrics_page, name="metrics"),
]
