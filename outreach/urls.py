"""All addresses of the product; each wing brings its own."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from outreach.core.api import ApiDocsView
from outreach.events import live

handler500 = "outreach.core.surfaces.server_error"

urlpatterns = [  # programs first: their addresses are tried one after another until one fits
    path("api/v1/", include("outreach.api_urls")),
    path("api/v1/", include("leads.api_urls")),
    path("api/v1/", include("conversations.api_urls")),
    path("api/v1/", include("campaigns.api_urls")),
    path("", include("outreach.core.urls")),
    path("", include("outreach.access.urls")),
    path("", include("outreach.llm.urls")),
    path("settings/webhooks/", include("outreach.webhooks.urls")),
    path("notifications/", include("outreach.notifications.urls")),
    path("settings/models/", include("outreach.llm.setup.urls")),
    path("", include("outreach.prompts.urls")),
    path("", include("outreach.assistants.urls")),
    path("", include("outreach.ops.urls")),
    path("live/", live.unavailable, name="live"),
    path("jobs/", include("outreach.jobs.urls")),
    path("", include("leads.urls")),
    path("", include("conversations.urls")),
    path("", include("campaigns.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", login_required(ApiDocsView.as_view()), name="api-docs"),
    path("admin/", admin.site.urls),
]
