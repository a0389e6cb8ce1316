"""Pages of jobs and schedules."""

from django.urls import path

from outreach.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("<int:pk>/", views.job_fragment, name="job"),
    path("<int:pk>/runs/", views.job_runs, name="runs"),
    path("<int:pk>/cancellation/", views.job_cancellation, name="cancellation"),
    path("schedules/<str:name>/pause/", views.schedule_pause, name="schedule-pause"),
    path("schedules/<str:name>/runs/", views.schedule_runs, name="schedule-runs"),
]
