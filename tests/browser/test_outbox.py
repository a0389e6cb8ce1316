"""Senders, outbox, explanation and suppressions in a browser: readable, no complaints, narrow and dark as well."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conversations.channels.base import OutcomeUnknown
from conversations.consent.services import Target, record_consent, suppress
from conversations.dispatch.sending import send_due
from tests.conversations.factories import ACTOR, make_conversation, make_lead, make_message, make_sender, make_stream
from tests.conversations.stub import StubAdapter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("OUTREACH_SHOTS", "")


def shoot(page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_a_person_finds_out_why_and_settles_it(signed_in_page):
    sender = make_sender(name="Sales mailbox", time_zone="Europe/Berlin")
    stream = make_stream(window={"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"})
    doubtful = make_message(sender=sender, subject="Your roof in spring")
    carrier = StubAdapter()
    carrier.answers["*"] = OutcomeUnknown("lost_after_dot", "The connection was lost after the final dot.")
    send_due(adapter_for=lambda _name: carrier)
    make_message(sender=sender, stream=stream, subject="A second one")
    page = signed_in_page(path="/outbox/")
    assert "The connection was lost after the final dot." in page.content()
    shoot(page, "outbox")
    page.get_by_role("link", name=str(doubtful.lead)).click()
    shoot(page, "explain")
    page.get_by_label("Reason").first.fill("Seen in the Sent folder")
    page.get_by_role("button", name="Mark as sent", exact=True).click()
    assert "It was sent on" in page.content()


def test_senders_and_suppressions_fit_a_phone(signed_in_page):
    sender = make_sender(name="Sales mailbox", state="paused", state_reason="The server refused the password (535).")
    suppress(
        Target(channel="email", address="gone@firm.de"), reason="bounce", actor=ACTOR, evidence="550 5.1.1 No such user"
    )
    page = signed_in_page(path="/senders/")
    site = page.url.removesuffix("/senders/")
    shoot(page, "senders")
    page.goto(f"{site}/senders/{sender.pk}/")
    shoot(page, "sender")
    page.goto(f"{site}/senders/new/smtp/")
    shoot(page, "sender-new")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{site}/suppressions/")
    shoot(page, "suppressions-360")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.goto(f"{site}/outbox/?tab=waiting")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_poison_queue_and_the_ledger_say_what_to_change(signed_in_page):
    sender, stream = (
        make_sender(channel="sms", name="Text line", settings={"segments_per_minute": 6_000}),
        make_stream(),
    )
    for number in range(3):
        lead = make_lead(phone=f"+49151223450{number:02}")
        make_message(conversation=make_conversation(lead), sender=sender, stream=stream)
    agreed = make_lead(phone="+4915122345099")
    record_consent(lead=agreed, channel="sms", basis="express", source="Form on our site", actor=ACTOR)
    record_consent(lead=agreed, channel="sms", basis="withdrawn", source="By phone", actor=ACTOR)
    send_due(adapter_for=lambda _name: StubAdapter())
    page = signed_in_page("operator", path="/outbox/problems/")
    site = page.url.removesuffix("/outbox/problems/")
    assert "No consent for text messages" in page.content()
    shoot(page, "problems")
    page.get_by_role("link", name="Show them").click()
    shoot(page, "problem")
    page.goto(f"{site}/consents/")
    shoot(page, "ledger")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    for path, name in (("/outbox/problems/", "problems"), ("/consents/", "ledger")):
        page.goto(f"{site}{path}")
        shoot(page, f"{name}-360-dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for number in range(3):
        page.goto(f"{site}/consents/")
        page.get_by_label("Address or number of the lead").fill(f"+49151223450{number:02}")
        page.get_by_label("Source", exact=True).fill("Sign-up sheet")
        page.get_by_role("button", name="Record").click()
    page.goto(f"{site}/outbox/problems/")
    page.get_by_role("button", name="Retry after the change").click()
    assert "will be sent one at a time" in page.content()
