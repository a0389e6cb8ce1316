"""Pages of webhooks."""

from django.urls import path

from outreach.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.index, name="list"),
    path("events/", views.events, name="events"),
    path("new/<slug:connector>/", views.add, name="add"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/test/", views.test, name="test"),
    path("<int:pk>/rotation/", views.rotate, name="rotate"),
    path("<int:pk>/activity/", views.switch, name="switch"),
    path("<int:pk>/removal/", views.remove, name="remove"),
    path("<int:pk>/replays/", views.replay_failed, name="replay-failed"),
    path("<int:pk>/deliveries/<int:number>/", views.delivery, name="delivery"),
    path("<int:pk>/deliveries/<int:number>/replay/", views.replay, name="replay"),
]
