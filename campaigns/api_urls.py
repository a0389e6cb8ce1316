"""API addresses of this wing."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from rest_framework.routers import SimpleRouter

from campaigns.audience.api import CriteriaView, LiveLeadsView, LiveView
from campaigns.audience.candidate_api import CandidateViewSet
from campaigns.dashboard.api import DashboardView
from campaigns.experiments.api import ExperimentViewSet
from campaigns.journey.api import TaskViewSet, TimelineView, TomorrowView
from campaigns.launch.api import ModelCostsView, PreflightView, SendNowView, WiderHoursView
from campaigns.learning.api import TrainingSetView
from campaigns.overview.api import CampaignViewSet
from campaigns.patterns.api import PatternsView
from campaigns.predictions.api import CampaignPredictionsView, CampaignUseView, ModelsView
from campaigns.reports.api import FunnelView
from campaigns.review.api import CampaignDraftsView, DraftViewSet
from campaigns.review.rule_api import RuleViewSet
from campaigns.steps.api import CampaignFilesView, CampaignFileView, CampaignTrackingView

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("candidates", CandidateViewSet, basename="candidate")
router.register("tasks", TaskViewSet, basename="task")
router.register("drafts", DraftViewSet, basename="draft")
router.register("experiments", ExperimentViewSet, basename="experiment")
router.register("approval-rules", RuleViewSet, basename="approval-rule")

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^campaigns/(?P<campaign_id>\d{1,18})/criteria/?$", CriteriaView.as_view(), name="campaign-criteria"),
    re_path(r"^campaigns/(?P<campaign_id>\d{1,18})/live/?$", LiveView.as_view(), name="campaign-live"),
    re_path(r"^campaigns/(?P<campaign_id>\d{1,18})/live/leads/?$", LiveLeadsView.as_view(), name="campaign-live-leads"),
    re_path(r"^campaigns/(?P<campaign_id>\d{1,18})/drafts/?$", CampaignDraftsView.as_view(), name="campaign-drafts"),
    re_path(r"^campaigns/(?P<campaign_id>\d{1,18})/preflight/?$", PreflightView.as_view(), name="campaign-preflight"),
    re_path(r"^campaigns/(?P<campaign_id>\d{1,18})/model-costs/?$", ModelCostsView.as_view(), name="campaign-costs"),
    re_path(r"^campaigns/(?P<campaign_id>\d{1,18})/send-now/?$", SendNowView.as_view(), name="campaign-send-now"),
    re_path(
        r"^campaigns/(?P<campaign_id>\d{1,18})/widen-hours/?$", WiderHoursView.as_view(), name="campaign-widen-hours"
    ),
    re_path(r"^campaigns/(?P<campaign_id>\d{1,18})/timeline/?$", TimelineView.as_view(), name="campaign-timeline"),
    re_path(
        r"^campaigns/(?P<campaign_id>\d{1,18})/predictions/?$",
        CampaignPredictionsView.as_view(),
        name="campaign-predictions",
    ),
    re_path(
        r"^campaigns/(?P<campaign_id>\d{1,18})/predictions/use/?$",
        CampaignUseView.as_view(),
        name="campaign-predictions-use",
    ),
    re_path(r"^ml/training-set\.(?P<kind>csv|parquet)/?$", TrainingSetView.as_view(), name="ml-training-set"),
    re_path(r"^ml/outcomes/?$", ModelsView.as_view(), name="ml-outcomes"),
    re_path(r"^campaigns/tomorrow/?$", TomorrowView.as_view(), name="campaigns-tomorrow"),
    re_path(r"^campaigns/(?P<campaign_id>\d{1,18})/files/?$", CampaignFilesView.as_view(), name="campaign-files"),
    re_path(
        r"^campaigns/(?P<campaign_id>\d{1,18})/files/(?P<file_id>\d{1,18})/?$",
        CampaignFileView.as_view(),
        name="campaign-file",
    ),
    re_path(
        r"^campaigns/(?P<campaign_id>\d{1,18})/tracking/?$", CampaignTrackingView.as_view(), name="campaign-tracking"
    ),
    path("", include(router.urls)),
    path("reports/dashboard/", DashboardView.as_view(), name="api-dashboard"),
    path("reports/patterns/", PatternsView.as_view(), name="api-patterns"),
    path("reports/funnel/", FunnelView.as_view(), name="api-funnel"),
]
