"""Pages of this part of the product."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("briefs/", include("leads.qualification.urls")),
    path("segments/", include("leads.segments.urls")),
]
