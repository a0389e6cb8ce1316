"""API addresses of the floor."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from outreach.access.api import RefreshView, TokenView, ViewerView
from outreach.core.api import IndexView
from outreach.events.stream import EventStreamView
from outreach.jobs.api import JobViewSet
from outreach.llm.api import ModelCallExportView, ModelCostsView
from outreach.llm.setup.api import ModelPolicyView, ModelProviderViewSet, ModelRouteViewSet
from outreach.prompts.api import PackViewSet
from outreach.webhooks.api import EventKindsView, WebhookViewSet

router = SimpleRouter()
router.register("jobs", JobViewSet)
router.register("model-providers", ModelProviderViewSet, basename="model-provider")
router.register("model-routes", ModelRouteViewSet, basename="model-route")
router.register("packs", PackViewSet)
router.register("webhooks", WebhookViewSet)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", IndexView.as_view(), name="api-index"),
    path("model-calls/export/", ModelCallExportView.as_view(), name="model-call-export"),
    path("model-costs/", ModelCostsView.as_view(), name="model-costs"),
    path("model-policy/", ModelPolicyView.as_view(), name="model-policy"),
    path("", include(router.urls)),
    path("events/stream/", EventStreamView.as_view(), name="api-event-stream"),
    path("events/types/", EventKindsView.as_view(), name="api-event-types"),
    path("me/", ViewerView.as_view(), name="api-me"),
    path("token/", TokenView.as_view(), name="api-token"),
    path("token/refresh/", RefreshView.as_view(), name="api-token-refresh"),
]
