"""The home page, settings and search."""

from django.urls import path

from outreach.core.home import home
from outreach.core.navigation import settings_page
from outreach.core.palette import search

urlpatterns = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    path("settings/", settings_page, name="settings"),
]
