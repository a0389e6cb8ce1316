"""API addresses of network accounts."""

from rest_framework.routers import SimpleRouter

from leads.sources.network.api import NetworkAccountViewSet, NetworkProfileViewSet

router = SimpleRouter()
router.register("network/accounts", NetworkAccountViewSet, basename="api-network-accounts")
router.register("network/profiles", NetworkProfileViewSet, basename="api-network-profiles")
urlpatterns = router.urls
