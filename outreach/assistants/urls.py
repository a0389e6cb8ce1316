from django.urls import path

from outreach.assistants import views

app_name = "assistants"
urlpatterns = [path("settings/assistants/", views.index, name="index")]
