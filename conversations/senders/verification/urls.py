"""Pages of this room."""

from django.urls import path

from conversations.senders.verification import views

app_name = "verification"
urlpatterns = [path("leads/<int:pk>/find-email/", views.find_email, name="find_email")]
