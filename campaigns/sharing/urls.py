"""Pages of saved reports."""

from django.urls import path

from campaigns.sharing import views

app_name = "sharing"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.save, name="save"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/delete/", views.remove, name="remove"),
    path("<int:pk>/links/<int:link_id>/revoke/", views.revoke, name="revoke"),
    path("<int:pk>/schedules/<int:schedule_id>/delete/", views.unschedule, name="unschedule"),
]
