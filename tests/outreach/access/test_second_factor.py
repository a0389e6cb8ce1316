"""The second factor: turning it on, signing in with it, losing the phone."""

from __future__ import annotations

import datetime as dt

import pyotp
import pytest
import time_machine
from rest_framework.test import APIClient

from outreach.access import second_factor
from outreach.access.models import RecoveryCode
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.audit import trail
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from tests.outreach.access.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def user():
    return make_user(username="olga")


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def code_of(user, shift=0):
    secret = second_factor.decrypt(user.second_factor.secret_token)
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + shift)


@pytest.fixture
def protected(user, at_noon):
    """A user with the second factor on; the recovery codes are in `codes`."""
    second_factor.begin(user)
    user.codes = second_factor.turn_on(user=user, code=code_of(user))
    at_noon.shift(60)
    return user


def enter(client, code):
    return client.post("/login/code/", {"code": code})


def sign_in(client, user):
    return client.post("/login/", {"username": user.username, "password": PASSWORD, "next": "/profile/"})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_it_is_turned_on_on_the_profile_with_a_code_of_the_app(client, user, at_noon):
    client.force_login(user)
    page = client.get("/profile/second-factor/").content.decode()
    assert "<svg" in page and not second_factor.is_on(user)
    assert client.post("/profile/second-factor/", {"code": "000000"}).status_code == 422
    page = client.post("/profile/second-factor/", {"code": code_of(user)})
    assert page["Cache-Control"] == "no-store" and page.content.decode().count("-") >= second_factor.RECOVERY_CODES
    assert second_factor.is_on(user) and user.recovery_codes.count() == 10
    assert "user.second_factor_on" in {entry.action for entry in trail(user)}


def test_the_secret_is_stored_encrypted_and_the_codes_hashed(protected):
    secret = second_factor.decrypt(protected.second_factor.secret_token)
    assert secret not in protected.second_factor.secret_token
    assert not RecoveryCode.objects.filter(digest__in=protected.codes).exists()


def test_the_password_alone_opens_nothing(client, protected):
    assert sign_in(client, protected)["Location"] == "/login/code/"
    assert not is_signed_in(client)
    assert client.get("/")["Location"].startswith("/login/")


def test_password_and_code_open_the_page_that_was_asked_for(client, protected):
    sign_in(client, protected)
    assert enter(client, code_of(protected))["Location"] == "/profile/"
    assert is_signed_in(client)


@pytest.mark.parametrize(("shift", "is_accepted"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_a_clock_may_be_half_a_minute_off(client, protected, at_noon, shift, is_accepted):
    at_noon.shift(300)
    sign_in(client, protected)
    enter(client, code_of(protected, shift))
    assert is_signed_in(client) is is_accepted


def test_no_code_serves_twice(client, protected):
    code = code_of(protected)
    sign_in(client, protected)
    enter(client, code)
    client.logout()
    sign_in(client, protected)
    assert enter(client, code).status_code == 422
    assert not is_signed_in(client)


def test_a_recovery_code_signs_in_once(client, protected):
    code = protected.codes[0]
    sign_in(client, protected)
    assert enter(client, code.upper().replace("-", " ")).status_code == 302
    client.logout()
    sign_in(client, protected)
    assert enter(client, code).status_code == 422
    assert "user.recovery_code_used" in {entry.action for entry in trail(protected)}


def test_guessing_codes_has_to_wait(client, protected):
    sign_in(client, protected)
    for _attempt in range(5):
        answer = enter(client, "123456")
    assert "Too many failed attempts" in answer.content.decode()
    enter(client, code_of(protected))
    assert not is_signed_in(client)


def test_the_second_step_ends_after_ten_minutes_and_with_a_new_password(client, protected, at_noon):
    sign_in(client, protected)
    at_noon.shift(601)
    assert enter(client, code_of(protected))["Location"] == "/login/"
    sign_in(client, protected)
    protected.set_password("another long password")
    protected.save()
    assert enter(client, code_of(protected))["Location"] == "/login/"
    assert not is_signed_in(client)


def test_nobody_reaches_the_second_step_without_the_first(client, protected):
    assert client.get("/login/code/")["Location"] == "/login/"
    assert enter(client, code_of(protected))["Location"] == "/login/"


def test_tokens_of_the_api_need_the_code_too(protected):
    api = APIClient()
    given = {"username": protected.username, "password": PASSWORD}
    assert api.post("/api/v1/token/", given).status_code == 401
    assert api.post("/api/v1/token/", {**given, "code": code_of(protected)}).status_code == 200


def test_turning_it_off_wants_the_password(client, protected):
    client.force_login(protected)
    assert client.post("/profile/second-factor/off/", {"current": "wrong"}).status_code == 422
    assert second_factor.is_on(protected)
    client.post("/profile/second-factor/off/", {"current": PASSWORD})
    assert not second_factor.is_on(protected) and not protected.recovery_codes.exists()


def test_new_recovery_codes_replace_the_old_ones(client, protected):
    client.force_login(protected)
    assert client.post("/profile/second-factor/codes/", {"current": PASSWORD}).status_code == 200
    with pytest.raises(Invalid):
        second_factor.check(user=protected, code=protected.codes[0], network_address="10.0.0.1")


def test_a_protected_user_gets_no_second_secret(client, protected):
    with pytest.raises(Refused):
        second_factor.begin(protected)
    client.force_login(protected)
    assert client.get("/profile/second-factor/")["Location"] == "/profile/"


def test_an_administrator_lets_someone_in_who_lost_everything(client, protected):
    admin = make_user(Role.ADMINISTRATOR)
    client.force_login(admin)
    client.post(f"/users/{protected.pk}/second-factor/")
    assert not second_factor.is_on(protected)
    entry = trail(protected)[0]
    assert (entry.action, entry.actor_name) == ("user.second_factor_off", Actor.of(admin).name)
