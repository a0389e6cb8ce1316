"""Signing in and out, invitations, the profile, the team."""

from django.contrib.auth import views as auth_views
from django.urls import include, path

from outreach.access import external_views, passkey_views, sign_in_views, team_views, views

access = (
    [
        path("login/code/", sign_in_views.second_step, name="second_step"),
        path("login/with/<slug:name>/", external_views.start, name="external_start"),
        path("login/with/<slug:name>/back/", external_views.back, name="external_back"),
        path("login/passkey/options/", passkey_views.sign_in_options, name="passkey_options"),
        path("login/passkey/", passkey_views.sign_in, name="passkey_sign_in"),
        path("password/forgotten/", sign_in_views.forgotten, name="forgotten"),
        path("password/new/<str:number>/<str:token>/", sign_in_views.new_password, name="new_password"),
        path("invitations/<str:token>/", sign_in_views.invitation, name="invitation"),
        path("setup/<str:token>/", sign_in_views.setup, name="setup"),
        path("preferences/", views.preferences, name="preferences"),
        path("profile/", views.profile, name="profile"),
        path("profile/password/", views.password, name="password"),
        path("profile/second-factor/", views.second_factor_on, name="second_factor_on"),
        path("profile/second-factor/<slug:change>/", views.second_factor_change, name="second_factor_change"),
        path("profile/logins/<int:pk>/removal/", views.disconnect_login, name="disconnect_login"),
        path("profile/passkeys/options/", passkey_views.add_options, name="passkey_add_options"),
        path("profile/passkeys/", passkey_views.add, name="passkey_add"),
        path("profile/passkeys/<int:pk>/name/", passkey_views.rename, name="passkey_rename"),
        path("profile/passkeys/<int:pk>/removal/", passkey_views.remove, name="passkey_remove"),
        path("profile/sessions/", views.end_sessions, name="end_sessions"),
        path("profile/keys/", views.create_key, name="create_key"),
        path("profile/keys/<int:pk>/revocation/", views.revoke_key, name="revoke_key"),
        path("users/", team_views.team, name="users"),
        path("users/<int:pk>/role/", team_views.user_role, name="user_role"),
        path("users/<int:pk>/activity/", team_views.user_activity, name="user_activity"),
        path("users/<int:pk>/reset/", team_views.reset_link, name="reset_link"),
        path("users/<int:pk>/second-factor/", team_views.second_factor_off, name="second_factor_off"),
        path("users/invitations/<int:pk>/renewal/", team_views.renew_invitation, name="renew_invitation"),
        path("users/invitations/<int:pk>/withdrawal/", team_views.withdraw_invitation, name="withdraw_invitation"),
    ],
    "access",
)

urlpatterns = [
    path("login/", sign_in_views.SignInView.as_view(), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("admin/login/", sign_in_views.admin_sign_in),
    path("", include(access)),
]
