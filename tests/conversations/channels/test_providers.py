"""What reaches providers' APIs: headers, files, metadata; and what their answers mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conversations.channels.base import Attachment, Fault, Finding, NotSent, OutcomeUnknown
from conversations.channels.providers.adapter import Answer
from conversations.channels.registry import adapter, info, webhook
from outreach.core import clock
from outreach.core.errors import Invalid
from tests.conversations.channels.test_contract import ProviderBench

NAMES = ["sendgrid", "resend", "mailgun", "postmark", "ses"]
PDF = Attachment("offer.pdf", "application/pdf", b"%PDF-1.4 hello")


@pytest.fixture(params=NAMES)
def bench(request, fake_esp):
    return ProviderBench(fake_esp, request.param)


def header(taken, name):
    return next((value for key, value in taken.headers.items() if key.lower() == name.lower()), None)


def test_the_message_arrives_whole(bench):
    outgoing = replace(
        bench.to(bench.good),
        body_html="<p>Hello Anna.</p>", in_reply_to="b@firm.example", references=("a@firm.example",),
        headers={"List-Unsubscribe": "<https://a.example/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )  # fmt: skip
    bench.adapter.send(bench.account, outgoing)
    [taken] = bench.esp.messages
    assert (taken.to, taken.subject) == (bench.good, "A question")
    assert taken.text.strip() == "Hello Anna."
    assert taken.html.strip() == "<p>Hello Anna.</p>"
    assert header(taken, "List-Unsubscribe") == "<https://a.example/u>"
    assert header(taken, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert header(taken, "In-Reply-To") == "<b@firm.example>"
    assert header(taken, "References").split() == ["<a@firm.example>", "<b@firm.example>"]
    assert header(taken, "Message-ID") == "<first@firm.example>"
    assert str(taken.metadata["outreach_message"]) == "1"


def test_files_go_along(bench):
    bench.adapter.send(bench.account, replace(bench.to(bench.good), attachments=(PDF,)))
    [taken] = bench.esp.messages
    assert "offer.pdf" in str(taken.attachments)


def test_the_providers_own_tracking_stays_off(bench):
    bench.adapter.send(bench.account, bench.to(bench.good))
    raw = bench.esp.messages[0].raw
    if bench.adapter.name == "sendgrid":
        assert raw["tracking_settings"]["open_tracking"] == {"enable": False}
        assert raw["tracking_settings"]["click_tracking"]["enable"] is False
    elif bench.adapter.name == "mailgun":
        assert (raw["o:tracking-opens"], raw["o:tracking-clicks"]) == ("no", "no")
    elif bench.adapter.name == "postmark":
        assert (raw["TrackOpens"], raw["TrackLinks"]) == (False, "None")
    else:
        assert not bench.adapter.switches_tracking


def test_a_line_break_never_reaches_the_api(bench):
    for changes in (
        {"subject": "a\r\nBcc: eve@evil.example"},
        {"headers": {"X-A": "b\nX-C: d"}},
        {"in_reply_to": "a\n@b"},
    ):
        with pytest.raises(NotSent) as error:
            bench.adapter.send(bench.account, replace(bench.to(bench.good), **changes))
        assert error.value.fault is Fault.MESSAGE
    assert not bench.esp.messages


def test_a_server_error_after_acceptance_is_unknown(bench):
    with pytest.raises(OutcomeUnknown):
        bench.adapter.send(bench.account, bench.to("broken@a.example"))
    assert bench.delivered() == 1


def test_an_api_that_is_not_there_is_certain(bench):
    account = replace(bench.account, settings={**bench.account.settings, "base_url": "http://127.0.0.1:1"})
    with pytest.raises(NotSent) as error:
        bench.adapter.send(account, bench.to(bench.good))
    assert (error.value.fault, error.value.code) == (Fault.PASSING, "no_connection")


def test_a_lost_message_is_found_where_the_provider_has_records(bench):
    with pytest.raises(OutcomeUnknown):
        bench.adapter.send(bench.account, bench.to(bench.lost))
    found = bench.adapter.find(bench.account, bench.to(bench.lost))
    assert found.finding is (Finding.CANNOT_TELL if bench.adapter.name == "ses" else Finding.FOUND)
    if bench.adapter.name != "ses":
        assert found.provider_id == bench.esp.messages[0].id


def test_absence_proves_something_only_after_a_while(bench):
    old = bench.adapter.find(bench.account, bench.to(bench.good))
    assert old.finding is (Finding.CANNOT_TELL if bench.adapter.name in {"ses", "resend"} else Finding.NOT_FOUND)
    young = replace(bench.to(bench.good), attempted_at=clock.now() - timedelta(minutes=1))
    assert bench.adapter.find(bench.account, young).finding is Finding.CANNOT_TELL


def test_its_webhook_and_form_are_described(bench):
    described = info(bench.adapter.name)
    assert described.has_webhook
    assert webhook(bench.adapter.name)
    assert {"base_url", "postal_address", "imap_host"} <= {field.name for field in described.settings}


@pytest.mark.parametrize("url", ["ftp://a.example", "https://a.example/?x=1", "javascript:1"])
def test_a_strange_api_address_is_refused(bench, url):
    with pytest.raises(Invalid) as error:
        bench.adapter.check_settings(replace(bench.account, settings={**bench.account.settings, "base_url": url}))
    assert error.value.field == "base_url"


def test_ses_gives_its_own_message_id_back(fake_esp):
    bench = ProviderBench(fake_esp, "ses")
    accepted = bench.adapter.send(bench.account, bench.to(bench.good))
    assert accepted.rfc_message_id == f"{accepted.provider_id}@eu-central-1.amazonses.com"


def test_resend_sends_nothing_twice_under_the_same_key(fake_esp):
    bench = ProviderBench(fake_esp, "resend")
    first = bench.adapter.send(bench.account, bench.to(bench.good))
    assert bench.adapter.send(bench.account, bench.to(bench.good)) == first
    assert bench.delivered() == 1


@pytest.mark.parametrize(
    ("name", "answer", "fault"),
    [
        ("sendgrid", Answer(403, "from", "does not match a verified Sender Identity"), Fault.SENDER),
        ("sendgrid", Answer(400, "content.0.value", "must be a string"), Fault.MESSAGE),
        ("resend", Answer(403, "validation_error", "The firm.example domain is not verified"), Fault.SENDER),
        ("resend", Answer(429, "daily_quota_exceeded", "quota"), Fault.PASSING),
        ("mailgun", Answer(402, "", "Payment required"), Fault.SENDER),
        ("postmark", Answer(422, "405", "Not allowed to send: no credits"), Fault.SENDER),
        ("postmark", Answer(422, "300", "Invalid 'From' address"), Fault.SENDER),
        ("ses", Answer(400, "AccountSuspendedException", "suspended"), Fault.SENDER),
        ("ses", Answer(400, "ThrottlingException", "Rate exceeded"), Fault.PASSING),
        ("ses", Answer(400, "MessageRejected", "Email address is not verified."), Fault.SENDER),
    ],
)
def test_refusals_are_about(name, answer, fault):
    error = adapter(name).not_taken(answer)
    assert isinstance(error, NotSent)
    assert error.fault is fault


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 409, 200])
@pytest.mark.parametrize("name", NAMES)
def test_answers_that_say_nothing_certain_are_unknown(name, status):
    assert isinstance(adapter(name).not_taken(Answer(status, "", "oops")), OutcomeUnknown)
