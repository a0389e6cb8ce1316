"""Calls that a booking page tells of: believed only when signed, kept once, understood in any order."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from conversations.booking import services as booking
from conversations.booking.models import Booking, BookingPage
from conversations.booking.news import Kind, News
from conversations.consent.models import Hold
from conversations.inbound import handling
from conversations.inbound.models import InboundEvent
from conversations.models import Conversation
from outreach.core.models import Actor
from outreach.events.models import Event
from tests.conversations.booking import pages

pytestmark = pytest.mark.django_db


class Line:
    """A connected booking page, the conversation with Sam, and the provider's side of the wire."""

    def __init__(self, client, provider, conversation):
        self.client, self.provider, self.conversation = client, provider, conversation
        self.page = booking.connect(
            name="Dana's calls", provider=provider, actor=Actor.system("tests"), secret=pages.SECRET
        )
        self.url = reverse("inbound:booking", args=[self.page.pk])

    def post(self, body, headers=None):
        headers = pages.sign(self.provider, body) if headers is None else headers
        return self.client.post(self.url, body, content_type="application/json", headers=headers)

    def tell(self, kind, **about):
        assert self.post(pages.encode(pages.EVENTS[self.provider](kind, **about))).status_code == 200
        for event in InboundEvent.objects.filter(state="stored"):
            handling.handle(event)
            assert event.state in {"handled", "ignored"}, event.error
        self.conversation.refresh_from_db()
        return self.conversation


@pytest.fixture(params=["calcom", "calendly"])
def line(request, client, sent):
    return Line(client, request.param, sent.conversation)


def test_a_booked_call_books_the_conversation_and_stops_the_sequence(line, sent, planned):
    conversation = line.tell("booked")
    call = Booking.objects.get()
    assert (conversation.state, conversation.waiting_since) == ("booked", None)
    assert call.conversation == conversation
    assert (call.title, call.starts_at) == ("Intro", datetime(2026, 12, 3, 14, tzinfo=UTC))
    assert (call.name, call.time_zone) == ("Sam Jones", "Europe/Paris")
    planned.refresh_from_db()
    sent.refresh_from_db()
    assert (planned.state, sent.state) == ("cancelled", "replied")
    assert Event.objects.get(kind="conversation.booked").payload["starts_at"] == "2026-12-03T14:00:00+00:00"
    assert "Booked “Intro” on " in conversation.messages.received().get().body


def test_a_moved_call_is_the_same_call_at_another_time(line):
    line.tell("booked")
    conversation = line.tell("moved")
    call = Booking.objects.get()
    assert (call.state, call.starts_at) == ("booked", datetime(2026, 12, 4, 9, tzinfo=UTC))
    assert conversation.state == "booked"
    line.tell("cancelled", uid="two")
    call.refresh_from_db()
    assert call.state == "cancelled"


def test_a_cancelled_call_asks_a_person(line):
    line.tell("booked")
    conversation = line.tell("cancelled")
    assert Booking.objects.get().state == "cancelled"
    assert (conversation.state, conversation.handler) == ("engaged", "person")
    assert conversation.waiting_since is not None
    assert "Something came up" in conversation.messages.received().last().body


def test_somebody_who_did_not_come_waits_for_an_answer(line):
    line.tell("booked")
    conversation = line.tell("no_show")
    assert Booking.objects.get().state == "no_show"
    assert (conversation.state, conversation.waiting_since is not None) == ("engaged", True)


def test_a_held_call_wants_nothing_from_anybody(line):
    line.tell("booked")
    conversation = line.tell("held")
    assert Booking.objects.get().state == "held"
    assert (conversation.state, conversation.waiting_since) == ("booked", None)
    assert Event.objects.get(kind="call.ended").payload["state"] == "held"


def test_every_order_of_booked_and_cancelled_ends_alike(line):
    for number, order in enumerate(itertools.permutations(["booked", "cancelled"])):
        for kind in order:
            line.tell(kind, uid=f"call-{number}")
    assert set(Booking.objects.values_list("state", flat=True)) == {"cancelled"}


def test_a_repeated_event_is_one_event(line):
    for _ in range(3):
        line.tell("booked")
    assert (InboundEvent.objects.count(), Booking.objects.count()) == (1, 1)
    assert line.conversation.messages.received().count() == 1


def test_an_unknown_address_is_proposed_to_whoever_has_the_name(line, planned):
    lead = line.conversation.lead
    type(lead).objects.filter(pk=lead.pk).update(full_name="Sam Jones", name_key="sam jones")
    line.tell("booked", address="sammy77@gmail.com")
    assert Hold.objects.get(question=Hold.Question.WHOSE).conversation == line.conversation
    assert Conversation.objects.get(contact="sammy77@gmail.com").state == "booked"


def test_a_forged_request_is_refused_and_nothing_is_kept(line):
    body = pages.encode(pages.EVENTS[line.provider]("booked"))
    for headers in ({}, pages.sign(line.provider, body, "another"), pages.sign(line.provider, body + b" ")):
        assert line.post(body, headers).status_code == 403
    names = {"calcom": "X-Cal-Signature-256", "calendly": "Calendly-Webhook-Signature"}
    assert line.post(body, {names[line.provider]: "t=1,v1=é"}).status_code == 403
    assert not InboundEvent.objects.exists()


def test_a_page_that_is_no_longer_connected_is_refused(line):
    booking.disconnect(page=line.page, actor=Actor.system("tests"))
    assert line.post(pages.encode(pages.EVENTS[line.provider]("booked"))).status_code == 403


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"nonsense", b'{"event": "x", "triggerEvent": "x", "payload": 3}'])
def test_what_is_no_event_is_answered_400(line, body):
    assert line.post(body).status_code == 400
    assert not InboundEvent.objects.exists()


def test_an_event_that_tells_of_no_call_is_not_kept(line):
    fields = pages.EVENTS[line.provider]("booked")
    fields["event"] = fields["triggerEvent"] = "FORM_SUBMITTED"
    assert line.post(pages.encode(fields)).status_code == 200
    assert not InboundEvent.objects.exists()


def test_their_calendars_answer_to_the_same_call_adds_none(line, sent):
    line.tell("booked")
    call = Booking.objects.get()
    news = News(kind=Kind.BOOKED, external_id="ical", starts_at=call.starts_at)
    told = booking.record(conversation=call.conversation, source="calendar", news=news, actor=Actor.system("tests"))
    assert told == (call, False)


def test_an_operator_connects_a_page_in_the_console(admin_client):
    made = admin_client.post(
        reverse("admin:booking_bookingpage_add"), {"name": "Sales calls", "provider": "calcom"}, follow=True
    )
    page = BookingPage.objects.get()
    assert made.status_code == 200
    shown = admin_client.get(reverse("admin:booking_bookingpage_change", args=[page.pk])).content.decode()
    assert page.secret in shown and reverse("inbound:booking", args=[page.pk]) in shown
