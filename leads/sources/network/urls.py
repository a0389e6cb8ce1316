"""Addresses of the pages of network accounts."""

from django.urls import path

from leads.sources.network import views

app_name = "network"
urlpatterns = [
    path("", views.account_list, name="list"),
    path("accounts/new/", views.account_new, name="new"),
    path("accounts/<int:pk>/", views.account_detail, name="detail"),
    path("accounts/<int:pk>/edit/", views.account_edit, name="edit"),
    path("accounts/<int:pk>/sign-in/", views.sign_in, name="sign-in"),
    path("accounts/<int:pk>/code/", views.code, name="code"),
    path("accounts/<int:pk>/pause/", views.pause, name="pause"),
    path("accounts/<int:pk>/activation/", views.activation, name="activation"),
    path("accounts/<int:pk>/session-removal/", views.session_removal, name="session-removal"),
    path("accounts/<int:pk>/search/", views.search, name="search"),
    path("profiles/", views.profile_list, name="profiles"),
    path("profiles/<int:pk>/reading/", views.reading, name="reading"),
]
