"""Addresses of imports."""

from django.urls import path

from leads.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.import_list, name="list"),
    path("new/", views.import_create, name="create"),
    path("exports/", views.export_list, name="exports"),
    path("exports/<slug:scope>/<int:pk>/", views.export_of, name="export-of"),
    path("exports/<int:pk>/file/", views.export_file, name="export-file"),
    path("mappings/", views.saved_mappings, name="mappings"),
    path("<int:pk>/", views.import_detail, name="detail"),
    path("<int:pk>/mapping/", views.import_mapping, name="mapping"),
    path("<int:pk>/rejected.csv", views.import_rejected, name="rejected"),
    path("<int:pk>/start/", views.import_start, name="start"),
    path("<int:pk>/undo/", views.import_undo, name="undo"),
    path("<int:pk>/cancellation/", views.import_cancellation, name="cancellation"),
]
