"""Pages of notifications."""

from django.urls import path

from outreach.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.preferences, name="preferences"),
    path("off/<str:token>/", views.off, name="off"),
]
