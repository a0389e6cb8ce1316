"""Addresses of the outbox."""

from django.urls import path

from conversations.dispatch import views
from outreach.core.replica import reads_only

app_name = "messages"
urlpatterns = [
    path("outbox/", reads_only(views.message_list), name="list"),
    path("outbox/problems/", views.problem_list, name="problems"),
    path("outbox/problems/<str:key>/", views.problem_detail, name="problem"),
    path("outbox/problems/<str:key>/<slug:action>/", views.problem_action, name="problem_action"),
    path("outbox/<int:pk>/", views.message_explain, name="explain"),
    path("outbox/<int:pk>/<slug:action>/", views.message_action, name="action"),
]
