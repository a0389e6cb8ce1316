"""A forgotten password: the mail, the link, and what strangers cannot find out."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail as outbox

from outreach.access import resetting
from outreach.access.roles import Role
from outreach.core.audit import trail
from outreach.jobs.draining import drain
from tests.outreach.access.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "another long password"


@pytest.fixture(autouse=True)
def sends(settings):
    settings.CAN_MAIL_USERS = True
    settings.PUBLIC_BASE_URL = "https://outreach.example"


@pytest.fixture
def user():
    return make_user(username="olga", email="olga@firm.example")


def ask(client, email, address="10.0.0.1"):
    return client.post("/password/forgotten/", {"email": email}, REMOTE_ADDR=address)


def mailed():
    drain()
    return list(outbox.outbox)


def link_in(mail):
    return re.search(r"https://outreach\.example(/password/new/\S+)", mail.body).group(1)


def test_the_mailed_link_sets_a_new_password(client, user):
    ask(client, "OLGA@firm.example")
    (mail,) = mailed()
    assert mail.to == ["olga@firm.example"] and "olga" in mail.body
    assert client.get(link_in(mail)).status_code == 200
    assert client.post(link_in(mail), {"password": NEW})["Location"] == "/login/"
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert [entry.action for entry in trail(user)] == ["user.password_changed", "user.password_reset_requested"]


def test_the_answer_is_the_same_for_known_and_unknown_addresses(client, user):
    known, unknown = (ask(client, email).content.decode() for email in ("olga@firm.example", "none@firm.example"))
    token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"')
    assert token.sub("", known).replace("olga@", "X@") == token.sub("", unknown).replace("none@", "X@")
    assert len(mailed()) == 1


def test_the_link_works_once_and_for_an_hour(client, user):
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False) as clock:
        first = resetting.link_of(user)
        client.post(first, {"password": NEW})
        assert client.get(first).status_code == 410
        user.refresh_from_db()
        second = resetting.link_of(user)
        clock.shift(3601)
        assert client.post(second, {"password": PASSWORD}).status_code == 410
    assert client.get("/password/new/xx/yy-zz/").status_code == 410


def test_a_new_password_ends_every_session(client, user):
    client.force_login(user)
    resetting.set_new_password(
        number=resetting.link_of(user).split("/")[3], token=resetting.link_of(user).split("/")[4], password=NEW
    )
    assert not user.sessions.exists()
    assert client.get("/").status_code == 302


def test_a_weak_password_leaves_the_link_usable(client, user):
    link = resetting.link_of(user)
    assert client.post(link, {"password": "short"}).status_code == 422
    assert client.post(link, {"password": NEW}).status_code == 302


def test_nobody_fills_an_inbox_with_links(client, user):
    for number in range(6):
        answer = ask(client, "olga@firm.example", address=f"10.0.0.{number}")
        assert "on its way" in answer.content.decode()
    assert len(mailed()) == resetting.FREE_REQUESTS


def test_one_place_that_asks_for_many_addresses_has_to_wait(client):
    for number in range(resetting.FREE_REQUESTS_PER_ADDRESS):
        ask(client, f"p{number}@firm.example")
    answer = ask(client, "olga@firm.example")
    assert answer.status_code == 422 and "Too many failed attempts" in answer.content.decode()


def test_who_was_deactivated_in_between_gets_no_mail(client, user):
    ask(client, user.email)
    user.is_active = False
    user.save()
    assert mailed() == []


def test_without_a_mail_server_the_page_sends_people_to_an_administrator(client, settings):
    settings.CAN_MAIL_USERS = False
    page = client.get("/password/forgotten/").content.decode()
    assert "Ask an administrator" in page and "<form" not in page


def test_an_administrator_hands_out_a_link(client, user):
    client.force_login(make_user(Role.ADMINISTRATOR))
    page = client.post(f"/users/{user.pk}/reset/").content.decode()
    link = re.search(r"/password/new/[^<\s]+", page).group(0)
    client.logout()
    assert client.post(link, {"password": NEW}).status_code == 302


def test_pages_with_a_token_tell_no_other_site_and_no_cache(client, user):
    answer = client.get(resetting.link_of(user))
    assert answer["Referrer-Policy"] == "same-origin" and "no-store" in answer["Cache-Control"]
