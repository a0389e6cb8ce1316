"""The home page."""

from django.urls import path

from outreach.core.home import home

urlpatterns = [path("", home, name="home")]
