"""Sending accounts: what is refused when saved, verification for real, secrets that never come out."""

import pytest
from django.urls import reverse

from conversations.consent.services import Target, suppress
from conversations.models import Message
from conversations.senders import services
from conversations.senders.models import Sender
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid, Permanent, Refused
from outreach.core.models import Actor
from outreach.limits.models import Allowance
from tests.conversations.factories import make_message, make_sender
from tests.servers.smtp_sink import Options, Refusal, SmtpSink

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")


@pytest.fixture
def sink():
    with SmtpSink(Options(username="me@ourfirm.de", password="right")) as server:
        yield server


def make(sink=None, **changes):
    values = {
        "name": "Mailbox",
        "channel": "email",
        "adapter": "smtp",
        "address": "Me@OurFirm.de",
        "settings": {
            "host": "127.0.0.1",
            "port": sink.port if sink else 2525,
            "security": "plain",
            "username": "me@ourfirm.de",
        },
        "credentials": {"password": "right"},
    }
    return services.create_sender(services.SenderConfig(**{**values, **changes}), actor=ACTOR)


def test_a_new_sender_is_not_verified_and_its_secrets_are_encrypted():
    sender = make()
    assert sender.state == "unverified"
    assert sender.address == "me@ourfirm.de"
    assert "right" not in sender.credentials_token
    assert sender.credentials == {"password": "right"}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("daily_cap", {"daily_cap": -1}),
        ("daily_cap", {"daily_cap": True}),
        ("warmup_start", {"warmup_start": 0}),
        ("warmup_ceiling", {"warmup_start": 10, "warmup_ceiling": 5}),
        ("group_limits", {"group_limits": {"pigeon": 5}}),
        ("group_limits", {"group_limits": {"google": 0}}),
        ("gap_jitter_percent", {"gap_jitter_percent": 501}),
        ("working_hours", {"has_workday": True}),
        ("tags", {"tags": ["x" * 51]}),
        ("hourly_cap", {"hourly_cap": -1}),
        ("time_zone", {"time_zone": "Mars/Olympus"}),
        ("working_hours", {"working_hours": {"days": [], "start": "09:00", "end": "17:00"}}),
        ("working_hours", {"working_hours": {"start": "17:00", "end": "09:00"}}),
        ("address", {"address": "not an address"}),
        ("host", {"settings": {"port": 25}}),
        ("gap_seconds", {"gap_seconds": -5}),
        ("display_name", {"display_name": "Me\r\nBcc: all@firm.de"}),
        ("adapter", {"adapter": "pigeon"}),
        ("channel", {"channel": "sms"}),
        ("name", {"name": " "}),
    ],
)
def test_what_could_never_work_is_refused_when_it_is_saved(field, changes):
    with pytest.raises(Invalid) as error:
        make(**changes)
    assert error.value.field == field


def test_a_name_is_taken_once():
    make()
    with pytest.raises(Invalid) as error:
        make()
    assert error.value.field == "name"


def test_verification_signs_in_and_activates(sink):
    sender = make(sink)
    assert "127.0.0.1" in services.verify_sender(sender=sender, actor=ACTOR)
    assert Sender.objects.get().state == "active"
    assert Sender.objects.get().verified_at


def test_a_real_test_message_is_part_of_the_verification_and_goes_through_the_gate(sink):
    sender = make(sink, working_hours={"days": [(clock.now().weekday() + 3) % 7], "start": "01:00", "end": "02:00"})
    found = services.verify_sender(sender=sender, actor=ACTOR, test_address="Olga@Home.de")
    assert "olga@home.de" in found
    [message] = sink.messages
    assert message["To"] == "olga@home.de"
    row = Sender.objects.get()
    assert (row.state, row.tested_address) == ("active", "olga@home.de")
    assert Message.objects.get().state == "sent"
    assert Allowance.objects.get(key=f"sender:{sender.pk}").usage["hours"]


def test_a_refused_test_message_leaves_the_sender_unverified_and_nothing_planned(sink):
    sink.options.refusals.append(Refusal("rcpt", "550 5.1.1 No such user"))
    sender = make(sink)
    with pytest.raises(Permanent) as error:
        services.verify_sender(sender=sender, actor=ACTOR, test_address="olga@home.de")
    assert "5.1.1" in error.value.reason
    assert Sender.objects.get().state == "unverified"
    assert not Message.objects.filter(state__in=("scheduled", "deferred", "claimed", "sending")).exists()


def test_a_test_message_that_shall_be_tried_later_is_cancelled_instead(sink):
    sink.options.refusals.append(Refusal("rcpt", "451 4.3.0 Later"))
    sender = make(sink)
    with pytest.raises(Permanent):
        services.verify_sender(sender=sender, actor=ACTOR, test_address="olga@home.de")
    assert Message.objects.get().state == "cancelled"


def test_a_test_never_goes_to_somebody_who_opted_out(sink):
    suppress(Target(channel="email", address="olga@home.de"), reason="opt_out", actor=ACTOR)
    with pytest.raises(Refused):
        services.verify_sender(sender=make(sink), actor=ACTOR, test_address="olga@home.de")
    assert sink.messages == []


def test_wrong_credentials_are_said_in_a_sentence_and_kept(sink):
    sender = make(sink, credentials={"password": "wrong"})
    with pytest.raises(Permanent) as error:
        services.verify_sender(sender=sender, actor=ACTOR)
    row = Sender.objects.get()
    assert row.state == "unverified"
    assert row.state_reason == error.value.reason


def test_another_connection_asks_for_verification_and_another_cap_does_not(sink):
    sender = make(sink)
    services.verify_sender(sender=sender, actor=ACTOR)
    services.update_sender(sender=sender, actor=ACTOR, daily_cap=70)
    assert sender.state == "active"
    services.update_sender(sender=sender, actor=ACTOR, credentials={"password": ""})
    assert sender.state == "active"
    services.update_sender(sender=sender, actor=ACTOR, credentials={"password": "new"})
    assert sender.state == "unverified"
    assert sender.credentials == {"password": "new"}


def test_the_pages_make_verify_and_pause_and_never_show_a_secret(client, sink):
    client.force_login(User.objects.create_user("olga", role=Role.OPERATOR))
    assert client.get(reverse("senders:list")).status_code == 200
    new = reverse("senders:new", args=["smtp"])
    assert client.get(new).status_code == 200
    values = {
        "name": "Mailbox", "channel": "email", "address": "me@ourfirm.de", "hourly_cap": 20, "daily_cap": 50,
        "weekly_cap": 250, "gap_seconds": 0, "time_zone": "Europe/Berlin", "days": ["0", "1"], "start": "09:00",
        "end": "17:00", "setting_host": "127.0.0.1", "setting_port": sink.port, "setting_security": "plain",
        "setting_username": "me@ourfirm.de", "setting_imap_port": 993, "setting_imap_security": "ssl",
        "setting_timeout_seconds": 5, "setting_messages_per_connection": 100, "credential_password": "right",
    }  # fmt: skip
    wrong = client.post(new, {**values, "time_zone": "Nowhere"})
    assert wrong.status_code == 422
    assert "Unknown time zone" in wrong.content.decode()
    assert client.post(new, values).status_code == 302
    sender = Sender.objects.get()
    assert sender.working_hours == {"days": [0, 1], "start": "09:00", "end": "17:00"}
    detail = reverse("senders:detail", args=[sender.pk])
    client.post(reverse("senders:verification", args=[sender.pk]))
    client.post(reverse("senders:pause", args=[sender.pk]), {"reason": "Holiday"})
    page = client.get(detail).content.decode()
    assert "Holiday" in page
    for url in (detail, reverse("senders:edit", args=[sender.pk])):
        assert "right" not in client.get(url).content.decode().replace("bright", "").replace("copyright", "")


def test_the_api_takes_credentials_and_never_gives_them(client, sink):
    client.force_login(User.objects.create_user("olga", role=Role.OPERATOR))
    body = {
        "name": "Mailbox",
        "channel": "email",
        "adapter": "smtp",
        "address": "me@ourfirm.de",
        "settings": {"host": "127.0.0.1", "port": sink.port, "security": "plain", "username": "me@ourfirm.de"},
        "credentials": {"password": "right"},
    }
    made = client.post("/api/v1/senders/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert "credentials" not in made.json()
    pk = made.json()["id"]
    assert client.post(f"/api/v1/senders/{pk}/verification/").status_code == 200
    changed = client.patch(f"/api/v1/senders/{pk}/", {"daily_cap": 1_000_001}, content_type="application/json")
    assert changed.status_code == 400
    nothing = client.patch(f"/api/v1/senders/{pk}/", {"daily_cap": 0}, content_type="application/json")
    assert nothing.status_code == 200
    assert "cannot send" in nothing.json()["warnings"][0]
    assert changed.json()["field"] == "daily_cap"
    assert client.post("/api/v1/senders/", body, content_type="application/json").json()["field"] == "name"


def test_a_deleted_sender_says_what_is_still_planned_and_what_to_do():
    sender = make_sender()
    make_message(sender=sender)
    said = services.delete_sender(sender=sender, actor=ACTOR, reason="Left the firm.")
    assert said == (
        "Taken out of service: Left the firm. 1 message is still planned for it. Move it to other senders, or cancel it."
    )
    assert sender.state_reason == said
