"""API addresses of this wing."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from conversations.consent.api import ConsentViewSet, SuppressionViewSet
from conversations.dispatch.api import MessageViewSet
from conversations.files.api import FileViewSet
from conversations.inbound.api import InboundEventViewSet
from conversations.inbox.api import ConversationViewSet, SuggestionViewSet
from conversations.network.api import RelationViewSet
from conversations.playbooks.api import PlaybookViewSet
from conversations.senders.api import SenderViewSet
from conversations.senders.verification.api import FindEmailView

router = SimpleRouter()
router.register("consents", ConsentViewSet, basename="api-consent")
router.register("files", FileViewSet, basename="api-file")
router.register("inbound-events", InboundEventViewSet, basename="api-inbound-event")
router.register("conversations", ConversationViewSet, basename="api-conversation")
router.register("messages", MessageViewSet, basename="api-message")
router.register("network/relations", RelationViewSet, basename="api-network-relations")
router.register("playbooks", PlaybookViewSet, basename="api-playbook")
router.register("senders", SenderViewSet, basename="api-sender")
router.register("suggestions", SuggestionViewSet, basename="api-suggestion")
router.register("suppressions", SuppressionViewSet, basename="api-suppression")

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/<int:pk>/find-email/", FindEmailView.as_view(), name="api-lead-find-email"),
    path("", include(router.urls)),
]
