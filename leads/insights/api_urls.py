"""API addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from leads.insights.api import SimilarView

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/<int:pk>/similar/", SimilarView.as_view(), name="api-lead-similar"),
]
