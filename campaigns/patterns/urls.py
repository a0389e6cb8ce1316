"""Pages of patterns."""

from django.urls import path

from campaigns.patterns import views

app_name = "patterns"
urlpatterns = [
    path("", views.index, name="index"),
    path("examples/", views.examples, name="examples"),
]
