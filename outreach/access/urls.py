"""Signing in and out, the profile, users."""

from django.contrib.auth import views as auth_views
from django.urls import include, path
from django.views.generic import TemplateView

from outreach.access import views

access = (
    [
        path("preferences/", views.preferences, name="preferences"),
        path("profile/", TemplateView.as_view(template_name="access/profile.html"), name="profile"),
        path("users/", TemplateView.as_view(template_name="access/users.html"), name="users"),
    ],
    "access",
)

urlpatterns = [
    path("login/", auth_views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("", include(access)),
]
