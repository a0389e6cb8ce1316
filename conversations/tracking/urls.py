"""The two addresses used by tracked mail."""

from django.urls import path

from conversations.tracking import views

app_name = "tracking"
urlpatterns = [
    path("o/<str:token>.gif", views.pixel, name="pixel"),
    path("l/<str:token>", views.link, name="link"),
]
