"""Pages of segments."""

from django.urls import path

from leads.segments import views

app_name = "segments"
urlpatterns = [
    path("", views.segment_list, name="list"),
    path("new/", views.segment_create, name="create"),
    path("builder/", views.segment_builder, name="builder"),
    path("preview/", views.segment_preview, name="preview"),
    path("<int:pk>/", views.segment_detail, name="detail"),
    path("<int:pk>/count/", views.segment_count, name="count"),
    path("<int:pk>/difference/", views.segment_difference, name="difference"),
    path("<int:pk>/edit/", views.segment_edit, name="edit"),
    path("<int:pk>/archive/", views.segment_archive, name="archive"),
    path("<int:pk>/restore/", views.segment_restore, name="restore"),
    path("<int:pk>/delete/", views.segment_delete, name="delete"),
]
