"""Pages of the lab."""

from django.urls import path

from conversations.lab import views

app_name = "lab"
urlpatterns = [
    path("", views.run_list, name="list"),
    path("<int:pk>/", views.run_detail, name="detail"),
]
