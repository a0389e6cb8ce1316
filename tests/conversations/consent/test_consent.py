"""Opting out wins over everything, at once, on every channel, and outlives erasure."""

from datetime import timedelta

import pytest
from django.urls import reverse

from conversations.consent import links
from conversations.consent.models import ConsentEntry, Suppression
from conversations.consent.selectors import search
from conversations.consent.services import (
    Target,
    import_list,
    is_suppressed,
    lift,
    record_consent,
    suppress,
    suppress_people,
)
from conversations.models import Message
from leads.models import LeadChange
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.audit import trail
from outreach.core.errors import Invalid, Refused
from outreach.events.models import Event
from tests.conversations.factories import ACTOR, make_conversation, make_lead, make_message, make_sender

pytestmark = pytest.mark.django_db


def test_an_opt_out_covers_every_channel_and_every_address_of_the_lead():
    lead = make_lead(email="ann@firm.de", phone="+4915112345678")
    suppress(Target(lead=lead, channel="sms", address="+4915112345678"), reason="opt_out", actor=ACTOR, evidence="STOP")
    assert is_suppressed(channel="email", address="ann@firm.de")
    assert is_suppressed(channel="sms", address="+4915112345678")
    assert is_suppressed(channel="email", address="another@firm.de", lead=lead)
    assert Event.objects.filter(kind="lead.opted_out", payload__lead_id=lead.pk).exists()


def test_it_cancels_what_is_planned_in_the_same_transaction_and_nothing_else():
    message, other = make_message(scheduled_at=clock.now() + timedelta(days=1)), make_message()
    suppress(Target(address=message.address), reason="opt_out", actor=ACTOR)
    message.refresh_from_db()
    other.refresh_from_db()
    assert (message.state, other.state) == ("cancelled", "scheduled")
    message.conversation.refresh_from_db()
    assert message.conversation.state == "opted_out"


def test_opting_out_twice_is_one_opt_out():
    lead = make_lead()
    rows = {suppress(Target(lead=lead), reason="opt_out", actor=ACTOR).pk for _ in range(2)}
    assert len(rows) == 1


def test_a_bounce_covers_its_address_only():
    lead = make_lead(email="ann@firm.de", phone="+4915112345678")
    suppress(Target(channel="email", address="ann@firm.de"), reason="bounce", actor=ACTOR)
    assert is_suppressed(channel="email", address="ann@firm.de", lead=lead)
    assert not is_suppressed(channel="sms", address="+4915112345678")


def test_a_domain_covers_its_subdomains_and_no_mail_provider_can_be_one():
    suppress(Target(domain="@Firm.de"), reason="manual", actor=ACTOR)
    assert is_suppressed(channel="email", address="a@firm.de")
    assert is_suppressed(channel="email", address="a@mail.firm.de")
    assert not is_suppressed(channel="email", address="a@otherfirm.de")
    with pytest.raises(Invalid):
        suppress(Target(domain="gmail.com"), reason="manual", actor=ACTOR)


def test_an_opt_out_outlives_the_erasure_of_its_address():
    suppress(Target(address="ann@firm.de"), reason="opt_out", actor=ACTOR)
    Suppression.objects.update(address="", lead=None)
    assert is_suppressed(channel="email", address="ann@firm.de")
    assert search("ANN@firm.de").count() == 1


def test_lifting_needs_a_reason_and_allows_again():
    lead = make_lead(email="ann@firm.de", phone="+4915112345678")
    row = suppress(Target(lead=lead), reason="opt_out", actor=ACTOR)
    with pytest.raises(Invalid):
        lift(suppression=row, actor=ACTOR, reason=" ")
    lift(suppression=row, actor=ACTOR, reason="She asked us to write again.")
    assert not is_suppressed(channel="email", address="ann@firm.de", lead=lead)
    with pytest.raises(Refused):
        lift(suppression=row, actor=ACTOR, reason="Again")


def test_nothing_can_be_planned_for_somebody_who_opted_out():
    conversation = make_conversation()
    suppress(Target(lead=conversation.lead), reason="opt_out", actor=ACTOR)
    with pytest.raises(Refused) as error:
        make_message(conversation=conversation)
    assert error.value.code == "suppressed"


def test_a_list_is_taken_line_by_line_and_each_bad_line_is_named():
    count, faults = import_list(
        lines=["ann@firm.de", "", "@other.de", "not an address", "+4915112345678"],
        reason="manual",
        evidence="",
        actor=ACTOR,
    )
    assert count == 3
    assert [(number, text) for number, text, _fault in faults] == [(4, "not an address")]


def test_the_ledger_is_appended_to():
    lead = make_lead()
    record_consent(lead=lead, channel="sms", basis="express", source="web form", actor=ACTOR)
    record_consent(lead=lead, channel="sms", basis="withdrawn", source="phone call", actor=ACTOR)
    assert list(ConsentEntry.objects.values_list("basis", flat=True)) == ["withdrawn", "express"]
    with pytest.raises(Invalid):
        record_consent(lead=lead, channel="sms", basis="guess", source="x", actor=ACTOR)


def test_looking_at_the_unsubscribe_page_does_nothing_and_posting_opts_out(client):
    message = make_message()
    path = reverse("unsubscribe", args=[links.token(message.pk)])
    assert client.get(path).status_code == 200
    assert not Suppression.objects.exists()
    for _ in range(2):
        answer = client.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert Suppression.objects.filter(reason="opt_out", lead=message.lead, lifted_at=None).count() == 1
    message.refresh_from_db()
    assert message.state == "cancelled"


def test_a_forged_unsubscribe_link_is_answered_alike_and_does_nothing(client):
    message = make_message()
    for token in (f"{message.pk}~forged", "nonsense", links.token(message.pk) + "x"):
        assert client.post(reverse("unsubscribe", args=[token])).status_code == 200
    assert not Suppression.objects.exists()


def test_the_one_click_headers_are_on_campaign_mail_and_not_on_answers(admin_user, settings):
    settings.PUBLIC_BASE_URL = "https://outreach.firm.de"
    from conversations.dispatch.outgoing import outgoing
    from conversations.planning.replying import Answer, reply_now

    message = make_message(sender=make_sender())
    headers = outgoing(message).headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert links.message_id(headers["List-Unsubscribe"].strip("<>").rpartition("/")[2]) == message.pk
    answer = reply_now(conversation=message.conversation, author=admin_user, answer=Answer("Gladly."))
    assert outgoing(answer).headers == {}


def test_the_pages_search_add_and_lift(client):
    client.force_login(User.objects.create_user("olga", role=Role.OPERATOR))
    url = reverse("consent:list")
    client.post(reverse("consent:add"), {"targets": "ann@firm.de\n@other.de\nrubbish", "reason": "manual"})
    page = client.get(url).content.decode()
    assert "ann@firm.de" in page and "@other.de" in page and "rubbish" in page
    assert "ann@firm.de" in client.get(url + "?q=Ann@Firm.de").content.decode()
    row = Suppression.objects.get(domain="other.de")
    client.post(reverse("consent:lifting", args=[row.pk]), {"reason": "A mistake"})
    row.refresh_from_db()
    assert row.lifted_at


def test_the_api_suppresses_and_lifts(client):
    client.force_login(User.objects.create_user("olga", role=Role.OPERATOR))
    made = client.post(
        "/api/v1/suppressions/", {"address": "ann@firm.de", "reason": "manual"}, content_type="application/json"
    )
    assert made.status_code == 201, made.content
    assert client.get("/api/v1/suppressions/?q=ann@firm.de").json()["results"]
    lifted = client.post(
        f"/api/v1/suppressions/{made.json()['id']}/lifting/", {"reason": "Mistake"}, content_type="application/json"
    )
    assert lifted.json()["lifted_at"]


def test_addresses_are_compared_by_what_the_message_holds_too():
    message = make_message()
    Message.objects.filter(pk=message.pk).update(address_digest="")
    suppress(Target(address=message.address), reason="manual", actor=ACTOR)
    assert is_suppressed(channel="email", address=message.address)


def test_many_people_at_once_are_suppressed_as_each_alone():
    planned = [make_message() for _n in range(4)]
    alone, *rest = [message.lead for message in planned]
    suppress(Target(lead=alone), reason="manual", actor=ACTOR, evidence="A rival")
    assert suppress_people([rest[0].pk, rest[1].pk], actor=ACTOR, evidence="A rival") == 2
    assert suppress_people([alone.pk, rest[0].pk], actor=ACTOR) == 0

    def left(lead):
        message = Message.objects.get(lead=lead)
        rows = Suppression.objects.filter(lead=lead).values_list("reason", "channel", "evidence", "actor", "domain")
        (suppression,) = Suppression.objects.filter(lead=lead)
        told = [(entry.action, entry.data["reason"], entry.data["lead"] == lead.pk) for entry in trail(suppression)]
        return message.state, message.error, list(rows), told, LeadChange.objects.filter(lead_id=lead.pk).exists()

    assert left(alone) == left(rest[0]) == left(rest[1])
    assert left(alone)[0] == "cancelled"
    assert Message.objects.get(lead=rest[2]).state == "scheduled" and not Suppression.objects.filter(lead=rest[2])
