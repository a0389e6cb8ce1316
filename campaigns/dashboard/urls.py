"""Pages of the dashboard."""

from django.urls import path

from campaigns.dashboard import views
from outreach.core.replica import reads_only

app_name = "dashboard"
urlpatterns = [
    path("", reads_only(views.index), name="index"),
    path("export.csv", reads_only(views.export), name="export"),
    path("<slug:name>/", reads_only(views.behind), name="behind"),
]
