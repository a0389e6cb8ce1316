"""Addresses of the sender pages."""

from django.urls import path

from conversations.senders import adding_views, views

app_name = "senders"
urlpatterns = [
    path("senders/", views.sender_list, name="list"),
    path("senders/new/", adding_views.sender_choice, name="choice"),
    path("senders/new/<slug:kind>/", adding_views.sender_new, name="new"),
    path("senders/<int:pk>/", views.sender_detail, name="detail"),
    path("senders/<int:pk>/edit/", adding_views.sender_edit, name="edit"),
    path("senders/connected/", adding_views.connected, name="connected"),
    path("senders/<int:pk>/connection/", adding_views.connection, name="connection"),
    path("senders/<int:pk>/verification/", views.verification, name="verification"),
    path("senders/<int:pk>/domain-checks/", views.domain_checks, name="domain_checks"),
    path("senders/<int:pk>/pause/", views.pause, name="pause"),
    path("senders/<int:pk>/workday/", views.sender_workday, name="workday"),
    path("senders/<int:pk>/drain/", views.drain, name="drain"),
    path("senders/<int:pk>/rehome/", views.rehome, name="rehome"),
    path("senders/<int:pk>/deletion/", views.deletion, name="deletion"),
    path("senders/<int:pk>/activation/", views.activation, name="activation"),
]
