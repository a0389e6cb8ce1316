"""Where a user is signed in, and signing out from afar; the time zone that the browser brings along."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client

from outreach.access.models import Session
from outreach.access.roles import Role
from outreach.access.sessions import device_name
from outreach.core.audit import trail
from tests.outreach.access.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


def signed_in(user, agent=FIREFOX, address="10.0.0.1", **more):
    browser = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    browser.post("/login/", {"username": user.username, "password": PASSWORD, **more})
    return browser


def is_signed_in(browser):
    return browser.get("/profile/").status_code == 200


def test_the_profile_lists_every_device_and_marks_this_one():
    user = make_user()
    signed_in(user, SAFARI, "10.0.0.9")
    page = signed_in(user).get("/profile/").content.decode()
    assert "Firefox on Linux" in page and "Safari on iPhone" in page and "10.0.0.9" in page
    assert page.count("This device") == 1


def test_one_session_is_ended_from_another():
    user = make_user()
    phone, desk = signed_in(user, SAFARI), signed_in(user)
    number = user.sessions.exclude(pk=desk.session.session_key).get().pk[:12]
    desk.post("/profile/sessions/", {"session": number})
    assert not is_signed_in(phone) and is_signed_in(desk)
    assert trail(user)[0].action == "user.sessions_ended"


def test_all_other_sessions_are_ended_at_once():
    user = make_user()
    others, desk = [signed_in(user), signed_in(user)], signed_in(user)
    desk.post("/profile/sessions/")
    assert [is_signed_in(one) for one in (*others, desk)] == [False, False, True]


@pytest.mark.parametrize("number", ["", "a", "%", "____________"])
def test_nobody_ends_the_session_of_somebody_else(number):
    olga, boris = make_user(), make_user(Role.ADMINISTRATOR)
    theirs, mine = signed_in(olga), signed_in(boris)
    mine.post("/profile/sessions/", {"session": number or theirs.session.session_key[:12]})
    assert is_signed_in(theirs) and is_signed_in(mine)


def test_a_changed_password_leaves_this_session_only():
    user = make_user()
    phone, desk = signed_in(user), signed_in(user)
    desk.post("/profile/password/", {"current": PASSWORD, "password": "another long password"})
    assert is_signed_in(desk) and not is_signed_in(phone)
    assert user.sessions.count() == 1


def test_the_last_use_is_written_every_few_minutes_only():
    user = make_user()
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False) as traveller:
        browser = signed_in(user)
        first = user.sessions.get().seen_at
        traveller.shift(60)
        browser.get("/profile/")
        assert user.sessions.get().seen_at == first
        traveller.shift(300)
        browser.get("/profile/")
        assert user.sessions.get().seen_at == first + dt.timedelta(minutes=6)


def test_signing_out_leaves_no_row_of_the_user():
    user = make_user()
    signed_in(user).post("/logout/")
    assert not Session.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        ("", "Europe/Berlin", "Europe/Berlin"),
        ("Asia/Tokyo", "Europe/Berlin", "Asia/Tokyo"),
        ("", "Mars/Olympus", ""),
        ("", "", ""),
    ],
)
def test_the_browsers_zone_becomes_the_users_at_the_first_sign_in(before, sent, after):
    user = make_user(time_zone=before)
    assert is_signed_in(signed_in(user, time_zone=sent))
    user.refresh_from_db()
    assert user.time_zone == after


@pytest.mark.parametrize(
    ("agent", "name"),
    [(FIREFOX, "Firefox on Linux"), (SAFARI, "Safari on iPhone"), ("curl/8.5.0", "curl"), ("", "Unknown device")],
)
def test_a_browser_has_a_name_that_people_know(agent, name):
    assert device_name(agent) == name
