"""Pages of experiments."""

from django.urls import path

from campaigns.experiments import views

app_name = "experiments"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.create, name="create"),
    path("plan/", views.plan, name="plan"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/people/", views.people, name="people"),
    path("<int:pk>/start/", views.start, name="start"),
    path("<int:pk>/stop/", views.stop, name="stop"),
    path("<int:pk>/take/<int:arm_id>/", views.take, name="take"),
]
