"""Pages of reports."""

from django.urls import path

from campaigns.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("cohorts/", views.cohorts, name="cohorts"),
    path("people/", views.people, name="people"),
    path("export.csv", views.export, name="export"),
    path("export.xlsx", views.workbook, name="workbook"),
]
