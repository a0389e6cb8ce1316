"""API addresses of qualification."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from rest_framework.routers import SimpleRouter

from leads.qualification.api import BriefViewSet, QualifyView, VerdictViewSet
from leads.qualification.ml_api import FeedbackView, LeadFeedbackView, MetricsView, PredictView

router = SimpleRouter()
router.register("briefs", BriefViewSet)
router.register("verdicts", VerdictViewSet)
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    re_path(r"^qualification/qualify/(?P<lead_id>[0-9]{1,18})/?$", QualifyView.as_view(), name="api-qualify"),
    re_path(r"^leads/(?P<lead_id>[0-9]{1,18})/qualify/?$", QualifyView.as_view(), name="api-lead-qualify"),
    re_path(r"^leads/(?P<lead_id>[0-9]{1,18})/feedback/?$", LeadFeedbackView.as_view(), name="api-lead-feedback"),
    re_path(r"^ml/predict/?$", PredictView.as_view(), name="api-ml-predict"),
    re_path(r"^ml/feedback/?$", FeedbackView.as_view(), name="api-ml-feedback"),
    re_path(r"^ml/metrics/?$", MetricsView.as_view(), name="api-ml-metrics"),
]
