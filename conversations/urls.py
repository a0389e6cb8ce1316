"""Pages of this part of the product."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("conversations.network.urls")),
    path("", include("conversations.consent.public_urls")),
    path("", include("conversations.consent.urls")),
    path("", include("conversations.senders.verification.urls")),
    path("", include("conversations.dispatch.urls")),
    path("", include("conversations.files.urls")),
    path("", include("conversations.inbound.urls")),
    path("", include("conversations.inbox.urls")),
    path("", include("conversations.resuming.urls")),
    path("playbooks/", include("conversations.playbooks.urls")),
    path("lab/", include("conversations.lab.urls")),
    path("", include("conversations.senders.urls")),
    path("", include("conversations.tracking.urls")),
]
