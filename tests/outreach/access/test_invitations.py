"""Invitations: who may invite, what the link does, how long it works."""

from __future__ import annotations

import datetime as dt
import re
import smtplib

import pytest
import time_machine
from django.core import mail as outbox

from outreach.access import invitations
from outreach.access.models import Invitation, User
from outreach.access.roles import Role
from outreach.core.audit import trail
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor, AuditEntry
from tests.outreach.access.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def admin():
    return make_user(Role.ADMINISTRATOR, username="ada", first_name="Ada", last_name="Stone")


@pytest.fixture
def mails(settings):
    settings.CAN_MAIL_USERS = True
    settings.PUBLIC_BASE_URL = "https://outreach.example"
    return outbox.outbox


def invite(admin, email="new@firm.example", role=Role.REVIEWER):
    return invitations.invite(email=email, role=role, user=admin)


def test_the_link_makes_a_user_of_the_chosen_role_and_signs_in(client, admin):
    invitation, path = invite(admin, role=Role.OPERATOR)
    assert client.get(path).status_code == 200
    answer = client.post(
        path, {"username": "new", "password": PASSWORD, "first_name": "Nina", "time_zone": "Asia/Tokyo"}
    )
    user = User.objects.get(username="new")
    assert answer["Location"] == "/" and client.get("/").status_code == 200
    assert (user.role, user.email, user.first_name, user.time_zone) == (
        "operator",
        "new@firm.example",
        "Nina",
        "Asia/Tokyo",
    )
    assert {entry.action for entry in trail(invitation)} == {"invitation.sent", "invitation.accepted"}
    assert trail(user).get().action == "user.created"


def test_the_link_works_once_and_for_a_week(client, admin):
    with time_machine.travel(NOON, tick=False) as clock:
        _invitation, path = invite(admin)
        client.post(path, {"username": "new", "password": PASSWORD})
        client.logout()
        assert client.get(path).status_code == 410
        assert client.post(path, {"username": "again", "password": PASSWORD}).status_code == 410
        _invitation, path = invite(admin, "late@firm.example")
        clock.shift(dt.timedelta(days=7, seconds=1))
        assert client.get(path).status_code == 410


def test_a_weak_password_leaves_the_link_usable(client, admin):
    _invitation, path = invite(admin)
    answer = client.post(path, {"username": "new", "password": "short"})
    assert answer.status_code == 422 and "too short" in answer.content.decode()
    assert client.post(path, {"username": "new", "password": PASSWORD}).status_code == 302


def test_sending_again_makes_a_new_link_and_ends_the_earlier_one(client, admin):
    invitation, first = invite(admin)
    second = invitations.renew(invitation=invitation, user=admin)
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


def test_a_withdrawn_invitation_is_of_no_use(client, admin):
    invitation, path = invite(admin)
    invitations.withdraw(invitation=invitation, actor=Actor.of(admin))
    assert client.get(path).status_code == 410


@pytest.mark.parametrize(("email", "role", "field"), [
    ("nonsense", Role.VIEWER, "email"),
    ("NEW@firm.example", Role.VIEWER, "email"),
    ("used@firm.example", Role.VIEWER, "email"),
    ("other@firm.example", "emperor", "role"),
])  # fmt: skip
def test_who_cannot_be_invited(admin, email, role, field):
    invite(admin)
    make_user(email="Used@firm.example")
    with pytest.raises(Invalid) as caught:
        invite(admin, email, role)
    assert caught.value.field == field
    assert Invitation.objects.count() == 1


def test_an_accepted_invitation_is_not_sent_again(client, admin):
    invitation, path = invite(admin)
    client.post(path, {"username": "new", "password": PASSWORD})
    with pytest.raises(Refused):
        invitations.renew(invitation=invitation, user=admin)


def test_the_page_mails_the_link_and_shows_it_once(client, admin, mails):
    client.force_login(admin)
    page = client.post("/users/", {"email": "new@firm.example", "role": "viewer"})
    (mail,) = mails
    path = re.search(r"https://outreach\.example(/invitations/\S+)", mail.body).group(1)
    assert mail.to == ["new@firm.example"] and "Ada Stone" in mail.body and "Viewer" in mail.body
    assert path in page.content.decode() and page["Cache-Control"] == "no-store"
    assert path not in client.get("/users/").content.decode()
    client.logout()
    assert client.get(path).status_code == 200


def test_without_a_mail_server_the_link_is_shown_to_be_passed_on(client, admin, settings):
    settings.CAN_MAIL_USERS = False
    client.force_login(admin)
    page = client.post("/users/", {"email": "new@firm.example", "role": "viewer"}).content.decode()
    assert "/invitations/" in page and not outbox.outbox


def test_a_mail_server_that_refuses_is_told_and_the_link_is_there_all_the_same(client, admin, mails, monkeypatch):
    def refuse(self):
        raise smtplib.SMTPAuthenticationError(535, b"bad credentials")

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)
    client.force_login(admin)
    page = client.post("/users/", {"email": "new@firm.example", "role": "viewer"}).content.decode()
    assert "did not accept the message" in page and "/invitations/" in page


def test_the_trail_of_invitations_holds_no_address(admin):
    invite(admin)
    assert not AuditEntry.objects.filter(data__icontains="firm.example").exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER, Role.OPERATOR])
def test_only_administrators_invite(client, admin, role):
    invitation, _path = invite(admin)
    client.force_login(make_user(role))
    for address in ("/users/", f"/users/invitations/{invitation.pk}/renewal/", f"/users/{admin.pk}/reset/"):
        assert client.post(address, {"email": "x@firm.example", "role": "administrator"}).status_code == 403
    assert Invitation.objects.count() == 1
