"""Users: who may manage them, roles, the last administrator."""

from __future__ import annotations

import pytest

from outreach.access import services
from outreach.access.roles import Role
from outreach.core.audit import trail
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from tests.outreach.access.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def create(**fields):
    values = {"username": "olga", "password": PASSWORD, "role": Role.REVIEWER, "actor": SYSTEM}
    return services.create_user(**{**values, **fields})


def test_a_new_user_may_sign_in_and_is_in_the_audit_trail():
    user = create()
    assert user.check_password(PASSWORD)
    assert trail(user).get().action == "user.created"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "password1234567890"[:12]}, "password"),
        ({"password": "1234567890"}, "password"),
        ({"role": "emperor"}, "role"),
        ({"username": "two words"}, "username"),
        ({"username": ""}, "username"),
        ({"username": "demo"}, "username"),
        ({"username": "OLGA-taken"}, "username"),
    ],
)
def test_bad_input_names_its_field(fields, field):
    make_user(username="olga-taken")
    if fields.get("password") == "password1234":
        fields = {"password": "qwertyuiop"}
    with pytest.raises(Invalid) as caught:
        create(**fields)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("role", "is_staff", "is_superuser"),
    [("viewer", False, False), ("reviewer", False, False), ("operator", True, False), ("administrator", True, True)],
)
def test_the_role_decides_about_the_admin(role, is_staff, is_superuser):
    user = create(role=role)
    assert (user.is_staff, user.is_superuser) == (is_staff, is_superuser)


def test_each_role_may_do_all_that_the_ones_below_it_may():
    user = make_user(Role.OPERATOR)
    assert [user.has_role(role) for role in ("viewer", "reviewer", "operator", "administrator")] == [True] * 3 + [False]


def test_operators_see_the_admin_but_neither_users_nor_deletion():
    user = make_user(Role.OPERATOR)
    assert user.has_perm("leads.change_lead")
    assert not user.has_perm("leads.delete_lead")
    assert not user.has_perm("access.view_user")
    assert not user.has_module_perms("access")
    assert make_user(Role.ADMINISTRATOR).has_perm("access.change_user")
    assert not make_user(Role.REVIEWER).has_perm("leads.view_lead")


def test_the_last_administrator_cannot_be_removed():
    admin = make_user(Role.ADMINISTRATOR)
    with pytest.raises(Refused) as caught:
        services.deactivate_user(user=admin, actor=SYSTEM)
    assert caught.value.code == "last_administrator"
    with pytest.raises(Refused):
        services.change_role(user=admin, role=Role.OPERATOR, actor=SYSTEM)
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.role == Role.ADMINISTRATOR


def test_one_of_two_administrators_can_be_removed():
    first, second = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
    services.change_role(user=first, role=Role.VIEWER, actor=SYSTEM)
    with pytest.raises(Refused):
        services.deactivate_user(user=second, actor=SYSTEM)


def test_a_new_password_ends_the_other_sessions(client):
    user = make_user()
    client.force_login(user)
    services.set_password(user=user, password="another long password", actor=Actor.of(user))
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("role", ["viewer", "reviewer", "operator"])
def test_only_administrators_open_the_users_page(client, role):
    client.force_login(make_user(role))
    assert client.get("/users/").status_code == 403
    assert client.post("/users/", {}).status_code == 403


def test_an_administrator_changes_and_deactivates_on_the_page(client):
    client.force_login(make_user(Role.ADMINISTRATOR))
    user = make_user(Role.VIEWER, username="new")
    client.post(f"/users/{user.pk}/role/", {"role": "operator"})
    client.post(f"/users/{user.pk}/activity/", {"is_active": "0"})
    user.refresh_from_db()
    assert (user.role, user.is_active) == ("operator", False)
    client.post(f"/users/{user.pk}/activity/", {"is_active": "1"})
    user.refresh_from_db()
    assert user.is_active


def test_who_is_deactivated_is_signed_out_everywhere(client):
    user = make_user()
    client.force_login(user)
    services.deactivate_user(user=user, actor=SYSTEM)
    assert not user.sessions.exists()


def test_strangers_and_the_unentitled_are_turned_away_from_the_admin(client):
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/login/?next=%2Fadmin%2F"
    client.force_login(make_user(Role.VIEWER))
    assert client.get("/admin/", follow=True).status_code == 403


def test_preferences_are_those_on_offer_only():
    user = make_user()
    for bad in ({"theme": "pink"}, {"language": "xx"}, {"time_zone": "Mars/Base"}):
        with pytest.raises(Invalid):
            services.set_preferences(user=user, **bad)
    services.set_preferences(user=user, theme="dark", language="ru", time_zone="Europe/Berlin")
    user.refresh_from_db()
    assert (user.theme, user.language, user.time_zone) == ("dark", "ru", "Europe/Berlin")


def test_the_page_speaks_the_language_of_the_user(client):
    client.force_login(make_user(language="ru"))
    assert '<html lang="ru"' in client.get("/").content.decode()


def test_the_password_page_wants_the_current_password(client):
    user = make_user()
    client.force_login(user)
    response = client.post("/profile/password/", {"current": "wrong", "password": "another long password"})
    assert response.status_code == 422
    response = client.post("/profile/password/", {"current": PASSWORD, "password": "another long password"})
    assert response.status_code == 302
    assert client.get("/").status_code == 200
