"""Pages of campaigns and their candidates."""

from django.urls import path, re_path

from campaigns import views
from campaigns.candidates import views as candidates
from campaigns.deliverability import views as deliverability

app_name = "campaigns"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.create, name="create"),
    path("audience-count/", views.audience_count, name="audience_count"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/preflight/", deliverability.page, name="preflight"),
    path("<int:pk>/preflight/recipients/", deliverability.check_recipients, name="check_recipients"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    re_path(rf"^(?P<pk>\d+)/(?P<action>{'|'.join(views.ACTIONS)})/$", views.act, name="act"),
    path("<int:pk>/candidates/", candidates.index, name="candidates"),
    path("<int:pk>/candidates/<int:candidate_id>/", candidates.detail, name="candidate"),
    path("<int:pk>/candidates/<int:candidate_id>/decision/", candidates.decide, name="decide"),
    path("<int:pk>/candidates/<int:candidate_id>/outcomes/", candidates.record_outcome, name="outcome"),
]
