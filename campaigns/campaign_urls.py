"""Pages of campaigns and their candidates."""

from django.urls import path, re_path

from campaigns import views
from campaigns.candidates import live_views
from campaigns.candidates import views as candidates
from campaigns.daily import views as daily
from campaigns.deliverability import views as deliverability
from campaigns.sequences import views as sequences

app_name = "campaigns"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.create, name="create"),
    path("daily/new/", daily.create, name="create_daily"),
    path("tomorrow/", sequences.tomorrow, name="tomorrow"),
    path("tasks/", sequences.tasks, name="tasks"),
    re_path(r"^tasks/(?P<turn_id>\d{1,18})/(?P<action>done|skip)/$", sequences.settle_task, name="settle_task"),
    path("audience-count/", views.audience_count, name="audience_count"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/criteria/", live_views.change_criteria, name="criteria"),
    path("<int:pk>/live/", live_views.page, name="live"),
    path("<int:pk>/preflight/", deliverability.page, name="preflight"),
    path("<int:pk>/preflight/recipients/", deliverability.check_recipients, name="check_recipients"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/timeline/", sequences.timeline, name="timeline"),
    path("<int:pk>/timeline.csv", sequences.download, name="timeline_download"),
    re_path(rf"^(?P<pk>\d+)/(?P<action>{'|'.join(views.ACTIONS)})/$", views.act, name="act"),
    path("<int:pk>/candidates/", candidates.index, name="candidates"),
    path("<int:pk>/candidates/<int:candidate_id>/", candidates.detail, name="candidate"),
    path("<int:pk>/candidates/<int:candidate_id>/decision/", candidates.decide, name="decide"),
    path("<int:pk>/candidates/<int:candidate_id>/outcomes/", candidates.record_outcome, name="outcome"),
]
