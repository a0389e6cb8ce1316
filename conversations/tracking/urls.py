"""The two addresses that tracked mail asks for."""

from django.urls import path

from conversations.tracking import views

app_name = "tracking"
urlpatterns = [
    path("o/<str:token>.gif", views.pixel, name="pixel"),
    path("l/<str:token>", views.link, name="link"),
]
