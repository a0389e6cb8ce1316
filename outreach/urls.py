"""All addresses of the product; each wing brings its own."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("outreach.core.urls")),
    path("", include("outreach.access.urls")),
    path("", include("outreach.ops.urls")),
    path("jobs/", include("outreach.jobs.urls")),
    path("", include("leads.urls")),
    path("", include("conversations.urls")),
    path("", include("campaigns.urls")),
    path("api/v1/", include("outreach.api_urls")),
    path("api/v1/", include("leads.api_urls")),
    path("api/v1/", include("conversations.api_urls")),
    path("api/v1/", include("campaigns.api_urls")),
    path("admin/", admin.site.urls),
]
