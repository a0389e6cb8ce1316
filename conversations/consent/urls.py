"""Addresses of consent: the public unsubscribe page, and the suppression list."""

from django.urls import path

from conversations.consent import views

urlpatterns = [
    path("unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
]
