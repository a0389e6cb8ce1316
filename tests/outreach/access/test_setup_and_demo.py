"""The first administrator's link, and the demo login that exists in the demo world only."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from outreach.access import services
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.errors import Refused
from tests.outreach.access.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
FORM = {"username": "root", "password": PASSWORD}


def test_the_link_creates_the_first_administrator_and_signs_in(client):
    link = services.create_setup_link()
    assert client.get(link).status_code == 200
    response = client.post(link, FORM)
    assert response["Location"] == "/"
    assert User.objects.get().role == Role.ADMINISTRATOR
    assert client.get("/").status_code == 200


def test_the_link_works_once(client):
    link = services.create_setup_link()
    client.post(link, FORM)
    client.logout()
    assert client.get(link).status_code == 410
    assert client.post(link, {**FORM, "username": "second"}).status_code == 410
    assert User.objects.count() == 1


def test_a_weak_password_leaves_the_link_usable(client):
    link = services.create_setup_link()
    response = client.post(link, {**FORM, "password": "short"})
    assert response.status_code == 422
    assert client.post(link, FORM).status_code == 302


def test_the_link_is_valid_for_a_day(client):
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False) as clock:
        link = services.create_setup_link()
        clock.shift(dt.timedelta(hours=24, seconds=1))
        assert client.get(link).status_code == 410


def test_a_newer_link_ends_the_older_one(client):
    first, second = services.create_setup_link(), services.create_setup_link()
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


def test_there_is_no_link_once_there_is_an_administrator():
    make_user(Role.ADMINISTRATOR)
    assert services.create_setup_link() is None


def test_a_guessed_link_is_refused(client):
    services.create_setup_link()
    assert client.get("/setup/guess/").status_code == 410


def test_the_demo_login_exists_in_the_demo_world_only(settings):
    settings.DEMO = False
    with pytest.raises(Refused):
        services.ensure_demo_user()
    settings.DEMO = True
    assert services.ensure_demo_user().pk == services.ensure_demo_user().pk


def test_the_demo_login_is_dead_once_the_demo_world_is_off(settings, client):
    settings.DEMO = True
    user = services.ensure_demo_user()
    assert client.post("/login/", {"username": "demo", "password": "demo"}).status_code == 302
    settings.DEMO = False
    assert client.get("/").status_code == 302, "the session must end too"
    assert client.post("/login/", {"username": "demo", "password": "demo"}).status_code == 200
    assert not user.has_role(Role.VIEWER)


def test_the_demo_administrator_does_not_stand_in_for_a_real_one(settings):
    settings.DEMO = True
    services.ensure_demo_user()
    settings.DEMO = False
    assert services.create_setup_link() is not None
