"""Files and tracking of a campaign."""

from django.urls import path

from campaigns.steps import views

app_name = "steps"
urlpatterns = [
    path("<int:pk>/mail/", views.mail, name="mail"),
    path("<int:pk>/mail/tracking/", views.tracking, name="tracking"),
    path("<int:pk>/mail/steps/<int:number>/files/", views.add, name="add"),
    path("<int:pk>/mail/files/<int:file_id>/removal/", views.remove, name="remove"),
]
