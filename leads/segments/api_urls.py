"""API addresses of segments."""

from rest_framework.routers import SimpleRouter

from leads.segments.api import SegmentViewSet

router = SimpleRouter()
router.register("segments", SegmentViewSet)
urlpatterns = router.urls
