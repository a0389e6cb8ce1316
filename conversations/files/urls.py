"""Stored files."""

from django.urls import path

from conversations.files import views

app_name = "files"
urlpatterns = [
    path("files/<slug:content_hash>/", views.content, name="content"),
    path("media/<str:token>", views.media, name="media"),
]
