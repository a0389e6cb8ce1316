"""Addresses of actions on network relations."""

from django.urls import path

from conversations.network import views

app_name = "network-relations"
urlpatterns = [
    path("network/relations/<int:pk>/look/", views.look, name="look"),
    path("network/relations/<int:pk>/withdrawal/", views.withdrawal, name="withdrawal"),
]
