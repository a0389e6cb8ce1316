"""Addresses of duplicates."""

from django.urls import path

from leads.duplicates import views

app_name = "duplicates"
urlpatterns = [
    path("", views.duplicate_list, name="list"),
    path("<int:pk>/", views.duplicate_detail, name="detail"),
    path("<int:pk>/merge/", views.duplicate_merge, name="merge"),
    path("<int:pk>/apart/", views.duplicate_apart, name="apart"),
    path("<int:pk>/undo/", views.duplicate_undo, name="undo"),
]
