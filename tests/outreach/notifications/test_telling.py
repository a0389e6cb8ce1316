"""Notices: who is told what, once, in words that they may see, by mail and in their own chat."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail as outbox

from conversations.inbox import services as inbox
from conversations.models import Conversation
from outreach.core.errors import Invalid
from outreach.events.services import publish
from outreach.jobs.draining import drain
from outreach.notifications import services
from outreach.notifications.kinds import NOTICE_KINDS, NoticeKind, Seen
from outreach.notifications.models import Notice, Preferences
from outreach.notifications.services import Choice
from tests.conversations.factories import make_conversation, make_reply
from tests.leads.factories import make_lead
from tests.outreach.access.factories import make_user
from tests.servers.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def ready(settings):
    settings.CAN_MAIL_USERS = True
    settings.PUBLIC_BASE_URL = "https://outreach.example"
    services.follow_events()


def person(role="reviewer", name="rita", pace="at_once", **fields):
    user = make_user(role, username=name, email=f"{name}@firm.example", **fields)
    services.choose(user=user, choice=Choice(mail={}, chat={}, pace=pace))
    return user


def reply(text="Could we talk on Thursday?"):
    """A reply that waits for an answer, and its event."""
    message = make_reply(make_conversation(make_lead("Anna Nowak")), body=text)
    Conversation.objects.filter(pk=message.conversation_id).update(waiting_since=NOON)
    publish("reply.received", message_id=message.pk, conversation_id=message.conversation_id, lead_id=message.lead_id)
    return message


def test_a_reply_is_mailed_with_its_words_and_a_link():
    person()
    with time_machine.travel(NOON):
        message = reply()
        drain()
    (mail,) = outbox.outbox
    assert mail.to == ["rita@firm.example"]
    assert mail.subject == "Anna Nowak replied: Could we talk on Thursday?"
    assert f"https://outreach.example/inbox/{message.conversation_id}/" in mail.body


def test_nothing_is_told_twice():
    person()
    with time_machine.travel(NOON):
        reply()
        drain()
        for _again in range(2):
            services.note_event(Notice.objects.get().event)
            services.tell_due()
    assert len(outbox.outbox) == 1 and Notice.objects.count() == 1


def test_what_was_answered_meanwhile_is_not_told():
    person()
    with time_machine.travel(NOON.replace(hour=2)):
        message = reply()
        drain()
    assert outbox.outbox == [], "it is night"
    Conversation.objects.filter(pk=message.conversation_id).update(waiting_since=None)
    with time_machine.travel(NOON):
        services.tell_due()
    assert outbox.outbox == []


def test_a_colleague_named_in_a_note_is_told_and_no_one_else():
    rita, ann = person(), person(name="ann")
    message = make_reply(make_conversation(make_lead("Anna Nowak")), body="Hello")
    with time_machine.travel(NOON):
        inbox.add_note(conversation=message.conversation, user=rita, text="@ann, is this your customer?")
        drain()
    (mail,) = outbox.outbox
    assert mail.to == [ann.email] and mail.subject == "rita mentioned you in a note: @ann, is this your customer?"


def test_the_night_is_that_of_the_persons_own_zone_and_the_morning_brings_one_digest():
    person(time_zone="Asia/Tokyo")
    with time_machine.travel(NOON):  # nine in the evening there
        reply("First"), reply("Second")
        drain()
        assert outbox.outbox == []
    with time_machine.travel(NOON.replace(hour=23)):
        services.tell_due()
    (mail,) = outbox.outbox
    assert mail.subject == "2 notifications"
    assert mail.body.count("Reply that needs an answer") == 1
    assert "First" in mail.body and "Second" in mail.body


def test_only_who_may_see_it_is_told_and_the_owner_alone_when_there_is_one():
    person("viewer", "vic"), person("reviewer", "rita"), person("operator", "olga")
    with time_machine.travel(NOON):
        reply()
        drain()
        assert {mail.to[0].partition("@")[0] for mail in outbox.outbox} == {"rita", "olga"}
        outbox.outbox.clear()
        owned = make_reply(make_conversation(make_lead("Ben Ray")), body="Yes")
        owner = Preferences.objects.get(user__username="olga").user
        Conversation.objects.filter(pk=owned.conversation_id).update(waiting_since=NOON, assigned_to=owner)
        publish("reply.received", message_id=owned.pk, conversation_id=owned.conversation_id, lead_id=owned.lead_id)
        drain()
    assert [mail.to for mail in outbox.outbox] == [["olga@firm.example"]]


def test_who_lost_the_role_is_not_told():
    user = person("operator", "olga", pace="daily")
    with time_machine.travel(NOON.replace(hour=6)):
        reply()
        drain()
    user.set_role("viewer")
    user.save()
    with time_machine.travel(NOON):
        services.tell_due()
    assert outbox.outbox == []


def test_the_link_in_a_mail_ends_them_without_signing_in(client):
    user = person()
    with time_machine.travel(NOON):
        reply()
        drain()
    (mail,) = outbox.outbox
    path = re.search(r"https://outreach.example(/notifications/off/\S+)", mail.body)[1]
    assert path in mail.extra_headers["List-Unsubscribe"]
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    client.get(path)
    assert services.preferences_of(user).mail == {}, "a mail scanner that opens links changes nothing"
    client.post(path, {"List-Unsubscribe": "One-Click"})
    with time_machine.travel(NOON):
        reply()
        drain()
    assert len(outbox.outbox) == 1
    assert client.get("/notifications/off/forged/").status_code == 404


def test_a_watch_is_told_once_for_each_key(monkeypatch):
    found = [Seen("acme 2026-03-02", "Acme is stuck", "/campaigns/1/")]
    kind = NoticeKind("stuck", "Campaign stuck", "", watch=lambda: found)
    monkeypatch.setattr(type(NOTICE_KINDS), "entries", lambda point: [kind])
    person()
    with time_machine.travel(NOON):
        services.look(), services.look()
        services.tell_due()
        found.append(Seen("acme 2026-03-03", "Acme is still stuck", "/campaigns/1/"))
        services.look()
        services.tell_due()
    assert [mail.subject for mail in outbox.outbox] == ["Acme is stuck", "Acme is still stuck"]


def test_every_watch_of_the_product_can_be_asked():
    assert services.look() == 0
    assert {kind.name for kind in NOTICE_KINDS.entries()} >= {"reply", "booking", "sender", "stuck", "drafts", "model"}


def test_a_mail_that_was_not_accepted_is_tried_again_and_arrives_at_a_real_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 9, False
    person()
    with time_machine.travel(NOON, tick=True):
        reply()
        drain()
        assert Notice.objects.get().mail_due
        with SmtpSink() as sink:
            settings.EMAIL_PORT = sink.port
            assert services.tell_due() == 1
            assert services.tell_due() == 0
            (taken,) = sink.messages
    assert not Notice.objects.get().mail_due
    assert "Anna Nowak" in str(taken) or "rita@firm.example" in str(taken)


def test_a_persons_own_chat_gets_the_message_and_its_address_is_encrypted(monkeypatch):
    user = person()
    asked = []

    class Page:
        status, text = 200, "ok"

    class Fetcher:
        def __enter__(self):
            return self

        def __exit__(self, *_error): ...

        def send(self, method, url, **options):
            asked.append((method, url, options["content"].decode()))
            return Page

    monkeypatch.setattr(services, "caller", Fetcher)
    url = "https://hooks.slack.com/services/T0/B0/secret"
    services.choose(user=user, choice=Choice(mail={"reply": False}, chat={"reply": True}, chat_url=url))
    assert "secret" not in Preferences.objects.get(user=user).chat_token
    with time_machine.travel(NOON):
        reply("<!channel> hello")
        drain()
    ((method, address, body),) = asked
    assert (method, address) == ("POST", url)
    assert "Anna Nowak replied: &lt;!channel&gt; hello" in body
    assert outbox.outbox == []


@pytest.mark.parametrize("url", ["http://chat.example/x", "not an address"])
def test_a_chat_needs_a_secure_address(url):
    with pytest.raises(Invalid):
        services.choose(user=make_user("viewer"), choice=Choice(mail={}, chat={}, chat_url=url))


def test_the_page_offers_what_the_role_may_see_and_keeps_what_is_chosen(client):
    user = make_user("reviewer", username="rita")
    client.force_login(user)
    page = client.get("/notifications/").content.decode()
    assert "Reply that needs an answer" in page and "Webhook switched off" not in page
    given = {
        "mail": ["booking"],
        "pace": "daily",
        "daily_hour": "7",
        "quiet_from": "22",
        "quiet_until": "6",
        "chat_url": "",
    }
    assert client.post("/notifications/", given).status_code == 302
    row = Preferences.objects.get(user=user)
    assert row.mail["booking"] and not row.mail["reply"] and not row.is_quiet
    assert (row.pace, row.daily_hour, row.quiet_from) == ("daily", 7, 22)
