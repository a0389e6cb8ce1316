"""Pages of patterns."""

from django.urls import path

from campaigns.patterns import views
from outreach.core.replica import reads_only

app_name = "patterns"
urlpatterns = [
    path("", reads_only(views.index), name="index"),
    path("examples/", reads_only(views.examples), name="examples"),
]
