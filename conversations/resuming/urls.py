"""Address of the page."""

from django.urls import path

from conversations.resuming import views

app_name = "resuming"
urlpatterns = [path("sending/resume/", views.resume, name="resume")]
