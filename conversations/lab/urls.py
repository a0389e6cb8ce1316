"""Pages of the lab."""

from django.urls import path

from conversations.lab import trying, views

app_name = "lab"
urlpatterns = [
    path("", views.run_list, name="list"),
    path("try/<int:pk>/", trying.try_playbook, name="try"),
    path("<int:pk>/", views.run_detail, name="detail"),
]
