"""Pages of the dashboard."""

from django.urls import path

from campaigns.dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("", views.index, name="index"),
    path("export.csv", views.export, name="export"),
    path("<slug:name>/", views.behind, name="behind"),
]
