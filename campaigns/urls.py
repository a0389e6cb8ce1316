"""Pages of this part of the product."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("campaigns.drafts.urls")),
    path("campaigns/", include("campaigns.campaign_urls")),
    path("campaigns/", include("campaigns.enclosures.urls")),
    path("reports/", include("campaigns.reports.urls")),
]
