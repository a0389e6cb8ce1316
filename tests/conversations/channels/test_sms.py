"""SMS over Twilio: codes, time-outs and what can be found afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.channels.base import Account, Fault, Finding, NotSent, OutcomeUnknown
from conversations.channels.sms import callbacks, codes
from conversations.channels.sms.adapter import TwilioAdapter
from outreach.core.errors import Invalid
from outreach.core.sms_segments import GSM7, UCS2, segment
from tests.conversations.channels.test_contract import text
from tests.servers import fake_twilio as server


@pytest.fixture
def twilio(fake_twilio):
    fake_twilio.options.sends_callbacks = False
    return fake_twilio


@pytest.fixture
def account(twilio):
    settings = {"account_sid": server.ACCOUNT_SID, "base_url": twilio.url, "timeout_seconds": 1}
    return Account(7, "sms", "+12025550100", "", settings, {"auth_token": server.AUTH_TOKEN})


@pytest.fixture
def sms():
    return TwilioAdapter()


def just_now(**changes):
    return text(attempted_at=datetime.now(UTC) - timedelta(seconds=2), **changes)


class TestSending:
    def test_the_callback_names_our_message(self, sms, account, twilio):
        accepted = sms.send(account, text(id=42))
        assert accepted.provider_id.startswith("SM")
        assert twilio.requests[0]["StatusCallback"].endswith("/webhooks/twilio/7/status?message=42")

    def test_the_real_twilio_is_not_given_an_address_that_it_cannot_call(self, sms, account, settings):
        outgoing, real = text(), replace(account, settings={"account_sid": server.ACCOUNT_SID})
        settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
        assert sms._callback_url(real, outgoing) == ""
        settings.PUBLIC_BASE_URL = "https://outreach.firm.de"
        assert sms._callback_url(real, outgoing) == "https://outreach.firm.de/webhooks/twilio/7/status?message=1"

    def test_a_messaging_service_takes_the_place_of_the_number(self, sms, account, twilio):
        service = "MG" + "0" * 32
        sms.send(replace(account, settings={**account.settings, "messaging_service_sid": service}), text())
        assert twilio.requests[0]["MessagingServiceSid"] == service
        assert "From" not in twilio.requests[0]

    @pytest.mark.parametrize(
        ("code", "fault"),
        [
            (20003, Fault.SENDER),
            (20429, Fault.PASSING),
            (21211, Fault.ADDRESS),
            (21408, Fault.SENDER),
            (21606, Fault.SENDER),
            (21608, Fault.SENDER),
            (21610, Fault.OPTED_OUT),
            (21611, Fault.PASSING),
            (21612, Fault.SENDER),
            (21614, Fault.ADDRESS),
            (21617, Fault.MESSAGE),
            (21635, Fault.ADDRESS),
        ],
    )
    def test_each_error_code_has_its_fault(self, sms, account, twilio, code, fault):
        twilio.options.failures = [code]
        with pytest.raises(NotSent) as error:
            sms.send(account, text())
        assert (error.value.fault, error.value.code) == (fault, str(code))
        assert (error.value.retry_after is not None) == (fault == Fault.PASSING)

    def test_a_text_that_is_too_long_never_reaches_the_network(self, sms, account, twilio):
        with pytest.raises(NotSent) as error:
            sms.send(account, text(body="x" * 1601))
        assert error.value.fault == Fault.MESSAGE
        assert twilio.requests == []

    def test_twilio_out_of_service_is_certain_and_passing(self, sms, account, twilio):
        twilio.options.refuse_probability = 1.0
        with pytest.raises(NotSent) as error:
            sms.send(account, text())
        assert error.value.fault == Fault.PASSING

    def test_nobody_listening_is_certain_and_passing(self, sms, account):
        with pytest.raises(NotSent) as error:
            sms.send(replace(account, settings={**account.settings, "base_url": "http://127.0.0.1:1"}), text())
        assert error.value.fault == Fault.PASSING


class TestFinding:
    @pytest.mark.parametrize("trouble", ["hang_probability", "cut_probability"])
    def test_accepted_without_an_answer_is_unknown_and_found_by_the_list(self, sms, account, twilio, trouble):
        setattr(twilio.options, trouble, 1.0)
        with pytest.raises(OutcomeUnknown):
            sms.send(account, just_now(body="Hello “Anna” — €5"))
        evidence = sms.find(account, just_now(body="Hello “Anna” — €5"))
        assert evidence.finding == Finding.FOUND
        assert evidence.provider_id in twilio.messages

    def test_not_listed_yet_proves_nothing(self, sms, account):
        assert sms.find(account, just_now()).finding == Finding.CANNOT_TELL

    def test_not_listed_after_a_while_was_never_taken(self, sms, account):
        outgoing = text(attempted_at=datetime.now(UTC) - timedelta(minutes=10))
        assert sms.find(account, outgoing).finding == Finding.NOT_FOUND

    def test_the_same_text_sent_earlier_is_another_message(self, sms, account, twilio):
        accepted = sms.send(account, text())
        server.backdate(twilio, accepted.provider_id, timedelta(hours=1))
        assert sms.find(account, just_now()).finding == Finding.CANNOT_TELL

    def test_another_text_to_the_same_number_is_another_message(self, sms, account):
        sms.send(account, text(body="Something else"))
        assert sms.find(account, just_now()).finding == Finding.CANNOT_TELL

    def test_when_twilio_does_not_answer_nobody_can_tell(self, sms, account):
        account = replace(account, settings={**account.settings, "base_url": "http://127.0.0.1:1"})
        assert sms.find(account, just_now()).finding == Finding.CANNOT_TELL


class TestSettings:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"account_sid": "AC1"}, "account_sid"),
            ({"messaging_service_sid": "XX1"}, "messaging_service_sid"),
            ({"base_url": "ftp://firm.example"}, "base_url"),
            ({"timeout_seconds": 0}, "timeout_seconds"),
        ],
    )
    def test_wrong_settings_are_named(self, sms, account, wrong, field):
        with pytest.raises(Invalid) as error:
            sms.check_settings(replace(account, settings={**account.settings, **wrong}))
        assert error.value.field == field

    def test_a_token_is_needed(self, sms, account):
        with pytest.raises(Invalid) as error:
            sms.check_settings(replace(account, credentials={}))
        assert error.value.field == "auth_token"


class TestSegments:
    @pytest.mark.parametrize(
        ("body", "encoding", "parts"),
        [
            ("", GSM7, ()),
            ("a" * 160, GSM7, (160,)),
            ("a" * 161, GSM7, (153, 8)),
            ("€" * 80, GSM7, (160,)),
            ("a" * 152 + "€" + "a" * 20, GSM7, (152, 22)),  # an escape sequence is not cut in two
            ("я" * 70, UCS2, (70,)),
            ("я" * 71, UCS2, (67, 4)),
            ("👋" * 35, UCS2, (70,)),
            ("👋" * 36, UCS2, (66, 6)),  # nor a surrogate pair
            ("a\r\nb", GSM7, (3,)),
        ],
    )
    def test_encoding_and_parts(self, body, encoding, parts):
        found = segment(body)
        assert (found.encoding, found.parts) == (encoding, parts)

    def test_it_names_what_forces_ucs2(self):
        assert segment("It’s “fine”").forced_by == ((2, "’"), (5, "“"), (10, "”"))
        assert segment("Hello [Anna] ~ €5").forced_by == ()

    @given(st.text(max_size=500))
    def test_the_parts_hold_every_unit_and_never_too_many(self, body):
        found = segment(body)
        assert sum(found.parts) == found.units
        assert all(0 < part <= found.units_per_part for part in found.parts)


def test_an_unknown_code_condemns_neither_address_nor_sender():
    assert codes.explain(12345).fault == Fault.MESSAGE


@pytest.mark.parametrize(
    ("url", "is_public"),
    [
        ("https://outreach.firm.de/x", True),
        ("http://localhost:8000/x", False),
        ("http://127.0.0.1:8000/x", False),
        ("http://10.0.0.5/x", False),
        ("http://machine.local/x", False),
        ("http://[::1]/x", False),
    ],
)
def test_which_addresses_the_internet_can_call(url, is_public):
    assert callbacks.is_public(url) == is_public


class TestVerify:
    def test_a_number_of_the_account_is_named(self, sms, account):
        assert f"{account.address} belongs to it" in sms.verify(account)

    @pytest.mark.parametrize(
        ("option", "code", "word"), [("foreign", "21659", "does not belong"), ("voice_only", "21606", "cannot send")]
    )
    def test_a_number_that_is_not_ours_or_cannot_text_is_told_before_anything_is_sent(
        self, sms, account, twilio, option, code, word
    ):
        getattr(twilio.options, option).append(account.address)
        with pytest.raises(NotSent) as error:
            sms.verify(account)
        assert (error.value.fault, error.value.code) == (Fault.SENDER, code)
        assert word in error.value.reason

    def test_a_messaging_service_must_exist(self, sms, account, twilio):
        service = "MG" + "0" * 32
        with_service = replace(account, settings={**account.settings, "messaging_service_sid": service})
        assert "Outreach service" in sms.verify(with_service)
        twilio.options.foreign.append(service)
        with pytest.raises(NotSent) as error:
            sms.verify(with_service)
        assert error.value.code == "21701"

    def test_a_short_code_cannot_be_looked_up_and_the_sentence_says_so(self, sms, account):
        assert "only when one is sent" in sms.verify(replace(account, address="12345"))
