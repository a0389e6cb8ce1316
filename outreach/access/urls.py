"""Signing in and out, the first administrator, the profile, users."""

from django.contrib.auth import views as auth_views
from django.urls import include, path

from outreach.access import views
from outreach.access.forms import SignInForm

access = (
    [
        path("setup/<str:token>/", views.setup, name="setup"),
        path("preferences/", views.preferences, name="preferences"),
        path("profile/", views.profile, name="profile"),
        path("profile/password/", views.password, name="password"),
        path("profile/keys/", views.create_key, name="create_key"),
        path("profile/keys/<int:pk>/revocation/", views.revoke_key, name="revoke_key"),
        path("users/", views.users, name="users"),
        path("users/<int:pk>/role/", views.user_role, name="user_role"),
        path("users/<int:pk>/activity/", views.user_activity, name="user_activity"),
    ],
    "access",
)

urlpatterns = [
    path(
        "login/",
        auth_views.LoginView.as_view(redirect_authenticated_user=True, authentication_form=SignInForm),
        name="login",
    ),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("admin/login/", views.admin_sign_in),
    path("", include(access)),
]
