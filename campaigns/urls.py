"""Pages of campaigns."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from campaigns.audience import live_views
from campaigns.audience import views as audience
from campaigns.daily import views as daily
from campaigns.journey import views as journey
from campaigns.launch import views as launch
from campaigns.overview import views as overview

campaigns = [
    path("", overview.index, name="list"),
    path("new/", overview.create, name="create"),
    path("daily/new/", daily.create, name="create_daily"),
    path("tomorrow/", journey.tomorrow, name="tomorrow"),
    path("tasks/", journey.tasks, name="tasks"),
    re_path(r"^tasks/(?P<turn_id>\d{1,18})/(?P<action>done|skip)/$", journey.settle_task, name="settle_task"),
    path("audience-count/", overview.audience_count, name="audience_count"),
    path("<int:pk>/", overview.detail, name="detail"),
    path("<int:pk>/edit/", overview.edit, name="edit"),
    path("<int:pk>/criteria/", live_views.change_criteria, name="criteria"),
    path("<int:pk>/live/", live_views.page, name="live"),
    path("<int:pk>/preflight/", launch.page, name="preflight"),
    path("<int:pk>/preflight/recipients/", launch.check_recipients, name="check_recipients"),
    path("<int:pk>/progress/", overview.progress, name="progress"),
    path("<int:pk>/timeline/", journey.timeline, name="timeline"),
    path("<int:pk>/timeline.csv", journey.download, name="timeline_download"),
    re_path(rf"^(?P<pk>\d+)/(?P<action>{'|'.join(overview.ACTIONS)})/$", overview.act, name="act"),
    path("<int:pk>/candidates/", audience.index, name="candidates"),
    path("<int:pk>/candidates/<int:candidate_id>/", audience.detail, name="candidate"),
    path("<int:pk>/candidates/<int:candidate_id>/decision/", audience.decide, name="decide"),
    path("<int:pk>/candidates/<int:candidate_id>/outcomes/", audience.record_outcome, name="outcome"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("campaigns.review.urls")),
    path("campaigns/", include((campaigns, "campaigns"))),
    path("campaigns/", include("campaigns.steps.urls")),
    path("reports/", include("campaigns.reports.urls")),
]
