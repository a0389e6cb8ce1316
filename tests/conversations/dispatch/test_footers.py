"""What the law asks for under campaign mail: postal address, a way out by link and by mail."""

from __future__ import annotations

import pytest
from django.urls import reverse

from conversations.consent import links
from conversations.consent.models import Suppression
from conversations.dispatch.gate import examine
from conversations.dispatch.outgoing import outgoing
from conversations.dispatch.readiness import mail_lacks
from conversations.inbound import handling, services
from conversations.models import Message, MessageEvent
from conversations.outbox import causes
from conversations.outbox import services as outbox
from tests.conversations.factories import ACTOR, make_message, make_sender, make_stream

pytestmark = pytest.mark.django_db
ADDRESS = "1 Harbour Street, Hamburg"
PUBLIC = "https://outreach.firm.de"


def campaign_mail(**fields):
    return make_message(stream=make_stream(is_unsolicited=True), **fields)


@pytest.fixture
def company(settings):
    kept = settings.OUTREACH.company
    settings.OUTREACH.company = kept.model_copy(update={"name": "Ourfirm", "postal_address": ADDRESS})
    yield
    settings.OUTREACH.company = kept


@pytest.fixture
def nameless(settings):
    kept = settings.OUTREACH.company
    settings.OUTREACH.company = kept.model_copy(update={"name": "", "postal_address": ""})
    yield
    settings.OUTREACH.company = kept


def test_campaign_mail_carries_the_address_and_the_link(company, settings):
    settings.PUBLIC_BASE_URL = PUBLIC
    message = campaign_mail()
    body = outgoing(message).body
    assert body.startswith("A short text.\n\n-- \n")
    assert f"Ourfirm, {ADDRESS}" in body
    assert links.unsubscribe_url(message) in body


def test_the_html_carries_it_too_inside_its_body(company, settings):
    settings.PUBLIC_BASE_URL = PUBLIC
    message = campaign_mail(body_html="<html><body><p>Hi</p></body></html>")
    html = outgoing(message).body_html
    assert ADDRESS in html
    assert html.endswith("</body></html>")
    assert f'<a href="{links.unsubscribe_url(message)}">' in html


def test_without_a_public_address_it_says_how_to_stop_by_answering(company):
    message = campaign_mail(language="ru")
    assert "ответьте «стоп»" in outgoing(message).body


def test_a_senders_own_address_wins(company):
    sender = make_sender()
    sender.settings["postal_address"] = "2 Elsewhere Road"
    sender.save()
    assert "2 Elsewhere Road" in outgoing(campaign_mail(sender=sender)).body


def test_a_persons_answer_carries_nothing(company):
    assert outgoing(make_message()).body == "A short text."


def test_campaign_mail_without_an_address_does_not_leave_and_says_why(nameless):
    message = campaign_mail()
    verdict = examine(message)
    assert not verdict.passed["postal_address"]
    assert verdict.refused_by is not None
    assert "postal address" in verdict.refused_by.refused(verdict.facts)
    assert examine(make_message()).passed["postal_address"]


def test_it_is_held_with_its_cause_and_one_click_sends_it_once_there_is_one(nameless, settings, tick):
    messages = [campaign_mail() for _ in range(2)]
    tick()
    assert {row.state for row in Message.objects.all()} == {"skipped"}
    found = causes.causes()
    assert {cause.code for cause in found} == {"postal_address"}
    assert all(cause.can_retry and "postal_address" in cause.change for cause in found)
    settings.OUTREACH.company = settings.OUTREACH.company.model_copy(update={"postal_address": ADDRESS})
    assert sum(outbox.retry_cause(key=cause.key, actor=ACTOR) for cause in found) == len(messages)
    tick()
    assert {row.state for row in Message.objects.all()} == {"sent"}


def test_what_is_missing_is_said_before_the_start(nameless, settings):
    assert {lack.code: lack.is_blocking for lack in mail_lacks(make_sender())} == {
        "postal_address_missing": True,
        "one_click_missing": False,
    }
    assert mail_lacks(make_sender(adapter="sandbox")) == []
    assert mail_lacks(make_sender(channel="sms")) == []


class TestUnsubscribing:
    @pytest.fixture
    def message(self, settings):
        settings.PUBLIC_BASE_URL = PUBLIC
        sender = make_sender()
        sender.settings["imap_host"] = "imap.ourfirm.de"
        sender.save()
        return make_message(sender=sender)

    def ways(self, message):
        return [way.strip().strip("<>") for way in outgoing(message).headers["List-Unsubscribe"].split(",")]

    def test_the_header_offers_one_click_and_a_mail(self, message):
        link, mail = self.ways(message)
        assert link == links.unsubscribe_url(message)
        assert mail.startswith(f"mailto:{message.sender.address}?subject=unsubscribe%20")

    def test_without_https_there_is_no_one_click(self, message, settings):
        settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
        headers = outgoing(message).headers
        assert "List-Unsubscribe-Post" not in headers
        assert headers["List-Unsubscribe"].startswith("<mailto:")

    def test_one_click_acts_at_once_and_any_number_of_times(self, message, client):
        path = reverse("unsubscribe", args=[links.token(message.pk)])
        for _ in range(3):
            answer = client.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
            assert answer.status_code == 200
        assert Suppression.objects.filter(reason="opt_out", lead=message.lead).exists()
        assert MessageEvent.objects.filter(message=message, kind="unsubscribed").count() == 1

    def mail(self, subject, number=1):
        raw = f"From: Sam <sam@acme.de>\nTo: me@ourfirm.de\nSubject: {subject}\nMessage-ID: <u{number}@acme.de>\n\n\n"
        event = services.store(source="imap", external_id=f"u{number}", body=raw.encode())
        handling.handle(event)
        return event

    def test_the_mail_of_the_header_opts_out(self, message):
        event = self.mail(f"unsubscribe {links.token(message.pk)}")
        assert (event.kind, event.message) == ("unsubscribe", message)
        assert Suppression.objects.filter(reason="opt_out", lead=message.lead).exists()
        assert self.mail(f"Unsubscribe {links.token(message.pk)}", 2).state == "handled"

    def test_a_forged_one_is_only_a_mail(self, message):
        event = self.mail(f"unsubscribe {message.pk}~forged")
        assert event.kind != "unsubscribe"
        assert not Suppression.objects.filter(lead=message.lead).exists()
