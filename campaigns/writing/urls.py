"""Pages of message texts."""

from django.urls import path

from campaigns.writing import views

app_name = "writing"
urlpatterns = [
    path("<int:pk>/message/", views.first, name="first"),
    path("<int:pk>/message/<int:number>/", views.edit, name="edit"),
    path("<int:pk>/message/<int:number>/preview/", views.preview, name="preview"),
    path("<int:pk>/message/<int:number>/readable/<str:variant>/", views.readable, name="readable"),
    path("<int:pk>/message/<int:number>/lacking/", views.lacking, name="lacking"),
    path("<int:pk>/message/<int:number>/test/", views.test, name="test"),
    path("<int:pk>/message/<int:number>/apply/", views.effect, name="effect"),
    path("<int:pk>/message/<int:number>/apply/now/", views.apply, name="apply"),
]
