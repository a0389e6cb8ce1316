"""Signing in: the form, the wait after failures, who is kept out."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from outreach.access.lockout import FREE_FAILURES_PER_ADDRESS
from outreach.access.models import SignInFailures
from outreach.core.models import AuditEntry
from tests.outreach.access.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def attempt(client, name, password, address="10.0.0.1"):
    return client.post("/login/", {"username": name, "password": password}, REMOTE_ADDR=address)


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_the_right_password_opens_the_home_page(client):
    user = make_user()
    response = attempt(client, user.username, PASSWORD)
    assert response.status_code == 302
    assert response["Location"] == "/"


def test_after_signing_in_the_page_that_was_asked_for_opens(client):
    user = make_user()
    assert client.get("/profile/")["Location"] == "/login/?next=/profile/"
    response = client.post("/login/", {"username": user.username, "password": PASSWORD, "next": "/profile/"})
    assert response["Location"] == "/profile/"


def test_a_foreign_next_address_is_not_followed(client):
    user = make_user()
    response = client.post(
        "/login/", {"username": user.username, "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert response["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_read_the_same(client):
    user = make_user()
    known = attempt(client, user.username, "wrong").context["form"].non_field_errors()
    unknown = attempt(client, "nobody", "wrong").context["form"].non_field_errors()
    assert known == unknown
    assert known


def test_a_failure_is_in_the_audit_trail_without_the_password(client):
    user = make_user()
    attempt(client, user.username, "a secret try")
    entry = AuditEntry.objects.get(action="user.sign_in_failed")
    assert entry.subject_id == str(user.pk)
    assert "secret" not in str(entry.data)


def test_five_failures_lock_the_name_at_this_address_even_for_the_right_password(client):
    user = make_user()
    with time_machine.travel(NOON, tick=False):
        for _ in range(5):
            response = attempt(client, user.username, "wrong")
        assert "Try again in 30 seconds" in response.content.decode()
        attempt(client, user.username, PASSWORD)
        assert not is_signed_in(client)


def test_the_lock_ends_by_itself_and_grows_with_the_next_failure(client):
    user = make_user()
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(5):
            attempt(client, user.username, "wrong")
        clock.shift(31)
        assert "Try again in 60 seconds" in attempt(client, user.username, "wrong").content.decode()
        clock.shift(61)
        attempt(client, user.username, PASSWORD)
        assert is_signed_in(client)
    assert not SignInFailures.objects.filter(count__gt=6).exists()


def test_another_address_is_not_locked(client):
    user = make_user()
    for _ in range(6):
        attempt(client, user.username, "wrong")
    attempt(client, user.username, PASSWORD, address="10.0.0.2")
    assert is_signed_in(client)


def test_an_address_that_tries_many_names_is_locked_for_all(client):
    user = make_user()
    with time_machine.travel(NOON, tick=False):
        for number in range(FREE_FAILURES_PER_ADDRESS):
            attempt(client, f"name{number}", "wrong")
        attempt(client, user.username, PASSWORD)
    assert not is_signed_in(client)


def test_a_success_forgets_the_failures(client):
    user = make_user()
    for _ in range(4):
        attempt(client, user.username, "wrong")
    attempt(client, user.username, PASSWORD)
    client.logout()
    for _ in range(4):
        attempt(client, user.username, "wrong")
    attempt(client, user.username, PASSWORD)
    assert is_signed_in(client)


def test_failures_of_yesterday_do_not_count(client):
    user = make_user()
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(4):
            attempt(client, user.username, "wrong")
        clock.shift(dt.timedelta(hours=25))
        attempt(client, user.username, "wrong")
        attempt(client, user.username, PASSWORD)
        assert is_signed_in(client)


def test_the_rows_of_the_lock_hold_no_names(client):
    attempt(client, "olga@firm.example", "wrong")
    assert not SignInFailures.objects.filter(key__contains="olga").exists()


def test_a_deactivated_user_is_kept_out_at_once(client):
    user = make_user()
    client.force_login(user)
    user.is_active = False
    user.save()
    assert client.get("/")["Location"].startswith("/login/")


def test_signing_out_needs_a_form_not_a_link(client):
    client.force_login(make_user())
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert not is_signed_in(client)


def test_the_session_end_sends_the_whole_page_of_an_htmx_request_to_the_login(client):
    response = client.get("/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/profile/"})
    assert response["HX-Redirect"] == "/login/?next=/profile/"
