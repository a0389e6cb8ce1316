"""Hand-over to a Smartlead campaign: what goes there, what its answers mean, and how a thread goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from conversations.channels.base import Account, Attachment, Fault, Finding, NotSent, OutcomeUnknown
from conversations.channels.registry import adapter, info
from outreach.core.errors import Invalid
from tests.conversations.channels.test_contract import mail
from tests.servers.fake_smartlead import CAMPAIGN, KEY


@pytest.fixture
def smartlead():
    return type(adapter("smartlead"))(info("smartlead"))


@pytest.fixture
def account(fake_smartlead):
    settings = {"campaign_id": str(CAMPAIGN), "base_url": fake_smartlead.url, "timeout_seconds": 1}
    return Account(5, "email", "me@firm.de", "Jane", settings, {"api_key": KEY})


def long_ago(**changes):
    return mail(attempted_at=datetime.now(UTC) - timedelta(hours=2), **changes)


def answer(**changes):
    return mail(in_reply_to="first@firm.example", body="And another thing.", **changes)


class TestHandingOver:
    def test_our_text_goes_as_fields_of_the_lead(self, smartlead, account, fake_smartlead):
        smartlead.send(account, mail(id=42, subject="A question", body="Hello Anna.\n\nBye"))
        fields = fake_smartlead.leads["anna@firm.example"]["custom_fields"]
        assert fields["outreach_subject"] == "A question"
        assert fields["outreach_message"] == "42"
        assert "<p>Hello Anna.</p>" in fields["outreach_body"]

    def test_no_brace_of_ours_is_read_as_a_placeholder(self, smartlead, account, fake_smartlead):
        smartlead.send(account, mail(body="Costs {10|20} and {{first_name}}"))
        assert "{" not in fake_smartlead.leads["anna@firm.example"]["custom_fields"]["outreach_body"]
        with pytest.raises(NotSent) as error:
            smartlead.send(account, mail(subject="Hello {{first_name}}"))
        assert (error.value.fault, error.value.code) == (Fault.MESSAGE, "placeholder")

    def test_files_are_refused_before_anything_is_sent(self, smartlead, account, fake_smartlead):
        with pytest.raises(NotSent) as error:
            smartlead.send(account, mail(attachments=(Attachment("a.pdf", "application/pdf", b"x"),)))
        assert (error.value.fault, fake_smartlead.requests) == (Fault.MESSAGE, [])

    @pytest.mark.parametrize("has_reasons", [False, True])
    @pytest.mark.parametrize(
        ("address", "fault", "code"),
        [
            ("nobody@a.de", Fault.ADDRESS, "invalid_email"),
            ("gone@a.de", Fault.OPTED_OUT, "unsubscribed"),
            ("blocked@a.de", Fault.MESSAGE, "blocked"),
        ],
    )
    def test_who_is_skipped_is_told_apart_in_both_shapes(
        self, smartlead, account, fake_smartlead, address, fault, code, has_reasons
    ):
        fake_smartlead.options.has_reasons = has_reasons
        with pytest.raises(NotSent) as error:
            smartlead.send(account, mail(address=address))
        assert (error.value.fault, error.value.code) == (fault, code)

    @pytest.mark.parametrize("has_reasons", [False, True])
    def test_the_same_message_again_is_the_same_and_another_one_is_refused(
        self, smartlead, account, fake_smartlead, has_reasons
    ):
        fake_smartlead.options.has_reasons = has_reasons
        smartlead.send(account, mail(id=1))
        assert "earlier attempt" in smartlead.send(account, mail(id=1)).detail
        with pytest.raises(NotSent) as error:
            smartlead.send(account, mail(id=2))
        assert (error.value.fault, error.value.code) == (Fault.MESSAGE, "already_there")
        assert len(fake_smartlead.leads) == 1

    def test_a_server_error_after_taking_is_unknown(self, smartlead, account):
        with pytest.raises(OutcomeUnknown):
            smartlead.send(account, mail(address="broken@a.de"))

    @pytest.mark.parametrize("url", ["http://127.0.0.1:1/api/v1", "http://nowhere.invalid/api/v1"])
    def test_the_key_in_the_address_shows_in_no_error(self, smartlead, account, url):
        with pytest.raises(NotSent) as error:
            smartlead.send(replace(account, settings={**account.settings, "base_url": url}), mail())
        assert error.value.code == "no_connection"
        assert (KEY not in error.value.reason and "127.0.0.1:1" in url) or "nowhere" in error.value.reason
        assert KEY not in str(error.value.__cause__)


class TestFinding:
    def test_it_is_found_by_our_number(self, smartlead, account):
        smartlead.send(account, mail(id=9))
        assert smartlead.find(account, long_ago(id=9)).finding == Finding.FOUND
        assert smartlead.find(account, long_ago(id=10)).finding == Finding.CANNOT_TELL

    def test_absence_proves_something_after_half_an_hour(self, smartlead, account):
        assert smartlead.find(account, long_ago()).finding == Finding.NOT_FOUND
        just_now = mail(attempted_at=datetime.now(UTC) - timedelta(minutes=1))
        assert smartlead.find(account, just_now).finding == Finding.CANNOT_TELL


class TestThreads:
    def test_an_answer_goes_into_smartleads_own_thread(self, smartlead, account, fake_smartlead):
        smartlead.send(account, mail())
        sent = fake_smartlead.wrote("anna@firm.example")
        reply = fake_smartlead.wrote("anna@firm.example", "REPLY", email_body="<p>Tell me more</p>")
        smartlead.send(account, answer())
        (given,) = fake_smartlead.answers
        assert given["email_stats_id"] == sent["stats_id"]
        assert given["reply_message_id"] == reply["message_id"]
        assert "And another thing." in given["email_body"]
        assert smartlead.find(account, answer(attempted_at=datetime.now(UTC))).finding == Finding.FOUND

    def test_a_thread_that_has_not_begun_is_waited_for(self, smartlead, account):
        smartlead.send(account, mail())
        with pytest.raises(NotSent) as error:
            smartlead.send(account, answer())
        assert (error.value.fault, error.value.code) == (Fault.PASSING, "thread_missing")
        assert error.value.retry_after == timedelta(hours=1)

    def test_what_became_of_it_is_told_in_the_shape_of_webhooks(self, smartlead, account, fake_smartlead):
        assert smartlead.reports(account, mail(), "") == []
        smartlead.send(account, mail())
        fake_smartlead.wrote("anna@firm.example")
        fake_smartlead.wrote("anna@firm.example", "REPLY")
        kinds = [report.fields["event"]["event_type"] for report in smartlead.reports(account, mail(), "")]
        assert kinds == ["EMAIL_SENT", "EMAIL_REPLY"]


class TestVerify:
    def test_the_campaign_is_named(self, smartlead, account):
        assert smartlead.verify(account) == "Smartlead's campaign “Outreach” is ACTIVE and sends our text."

    def test_a_campaign_that_sends_something_else_is_refused(self, smartlead, account, fake_smartlead):
        fake_smartlead.steps.append({"seq_number": 2, "subject": "", "email_body": "Just checking in"})
        with pytest.raises(NotSent) as error:
            smartlead.verify(account)
        assert (error.value.fault, error.value.code) == (Fault.SENDER, "step_missing")

    @pytest.mark.parametrize("change", [{"settings": {"campaign_id": "1"}}, {"credentials": {"api_key": "wrong"}}])
    def test_a_wrong_campaign_or_key_is_about_the_sender(self, smartlead, account, change):
        settings = {**account.settings, **change.get("settings", {})}
        with pytest.raises(NotSent) as error:
            smartlead.verify(
                replace(account, settings=settings, credentials=change.get("credentials", account.credentials))
            )
        assert error.value.fault == Fault.SENDER

    def test_the_campaigns_number_is_a_number(self, smartlead, account):
        with pytest.raises(Invalid) as error:
            smartlead.check_settings(replace(account, settings={**account.settings, "campaign_id": "1/../2"}))
        assert error.value.field == "campaign_id"
