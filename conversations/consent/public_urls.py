"""The one address that recipients see."""

from django.urls import path

from conversations.consent import views

urlpatterns = [path("unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe")]
