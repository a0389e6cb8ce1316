"""Pages of reports."""

from django.urls import path

from campaigns.reports import views
from outreach.core.replica import reads_only

app_name = "reports"
urlpatterns = [
    path("", reads_only(views.index), name="index"),
    path("cohorts/", reads_only(views.cohorts), name="cohorts"),
    path("people/", reads_only(views.people), name="people"),
    path("export.csv", reads_only(views.export), name="export"),
    path("export.xlsx", reads_only(views.workbook), name="workbook"),
]
