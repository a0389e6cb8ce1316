"""The contract of `contract.py`, kept by each adapter against its carrier."""

from dataclasses import replace

import pytest

from campaigns.demo.sandbox.adapter import SandboxAdapter
from conversations.channels.base import Account, NotSent, Outgoing
from conversations.channels.email.adapter import SmtpAdapter
from conversations.channels.registry import PACKAGES, adapter, available, info
from conversations.channels.sms.adapter import TwilioAdapter
from outreach.core.errors import Invalid
from tests.conversations.channels.contract import AdapterContract, Bench
from tests.servers import fake_esp as fake_esp_server
from tests.servers import fake_smartlead as smartlead_server
from tests.servers import fake_twilio as twilio_server


def mail(**changes):
    return replace(
        Outgoing(
            id=1,
            channel="email",
            address="anna@firm.example",
            subject="A question",
            body="Hello Anna.",
            rfc_message_id="first@firm.example",
        ),
        **changes,
    )


def text(**changes):
    return replace(Outgoing(id=1, channel="sms", address="+12025550101", subject="", body="Hello Anna."), **changes)


class SmtpBench(Bench):
    good, refused, passing, lost = "anna@a.example", "nobody@a.example", "grey@a.example", "lost@a.example"

    def __init__(self, sink):
        self.sink, self.adapter, self.outgoing = sink, SmtpAdapter(), mail()
        sink.options.username, sink.options.password = "me", "secret"
        sink.refuse("rcpt", "550 5.1.1 No such user", "^nobody@")
        sink.refuse("rcpt", "451 4.7.1 Greylisted, try again", "^grey@")
        sink.options.cut_pattern, sink.options.cut_probability = "^lost@", 1.0
        settings = {"host": "127.0.0.1", "port": sink.port, "security": "plain", "username": "me"}
        self.account = Account(1, "email", "me@firm.example", "Jane Doe", settings, {"password": "secret"})

    def delivered(self):
        return len(self.sink.journal.rows)

    def break_sender(self):
        return replace(self.account, credentials={"password": "wrong"}), self.to(self.good)


class TwilioBench(Bench):
    good, refused, passing, lost = "+12025550101", "+12025550102", "+12025550103", "+12025550104"

    def __init__(self, twilio):
        self.twilio, self.adapter, self.outgoing = twilio, TwilioAdapter(), text()
        twilio.options.errors = {self.refused: 21211, self.passing: 20429}
        twilio.options.hang_pattern, twilio.options.hang_probability = "550104$", 1.0
        twilio.options.sends_callbacks = False
        settings = {"account_sid": twilio_server.ACCOUNT_SID, "base_url": twilio.url, "timeout_seconds": 1}
        credentials = {"auth_token": twilio_server.AUTH_TOKEN}
        self.account = Account(1, "sms", "+12025550100", "", settings, credentials)

    def delivered(self):
        return len(self.twilio.messages)

    def break_sender(self):
        return replace(self.account, credentials={"auth_token": "wrong"}), self.to(self.good)


class SandboxBench(Bench):
    good, refused = "anna+opens@firm.example", "anna+refused@firm.example"
    passing, lost = "anna+passing@firm.example", "anna+unknown@firm.example"

    def __init__(self):
        self.taken = []
        self.adapter = SandboxAdapter(record=lambda _account, outgoing: self.taken.append(outgoing))
        self.outgoing = mail()
        self.account = Account(1, "email", "me@sandbox.example", "Demo", {}, {})

    def delivered(self):
        return len(self.taken)

    def break_sender(self):
        return self.account, self.to("anna+sender@firm.example")


class ProviderBench(Bench):
    good, refused = "anna@a.example", "nobody@a.example"
    passing, lost = "busy@a.example", "lost@a.example"

    def __init__(self, esp, name):
        self.esp, self.adapter, self.outgoing = esp, type(adapter(name))(info(name)), mail()
        own = {"region": "eu-central-1", "access_key_id": fake_esp_server.ACCESS_KEY_ID} if name == "ses" else {}
        settings = {"base_url": esp.url(name), "timeout_seconds": 1, **own}
        self.account = Account(1, "email", "me@firm.example", "Jane Doe", settings, {"api_key": fake_esp_server.KEY})

    def delivered(self):
        return len(self.esp.messages)

    def break_sender(self):
        wrong = replace(self.account, credentials={"api_key": "wrong"})
        if self.adapter.name == "ses":  # the server checks no signature, only whose key it is
            wrong = replace(wrong, settings={**self.account.settings, "access_key_id": "AKIAUNKNOWN"})
        return wrong, self.to(self.good)


class SmartleadBench(Bench):
    good, refused = "anna@a.example", "nobody@a.example"
    passing, lost = "busy@a.example", "lost@a.example"

    def __init__(self, smartlead):
        self.smartlead, self.adapter, self.outgoing = smartlead, type(adapter("smartlead"))(info("smartlead")), mail()
        settings = {"campaign_id": str(smartlead_server.CAMPAIGN), "base_url": smartlead.url, "timeout_seconds": 1}
        self.account = Account(1, "email", "me@firm.example", "Jane Doe", settings, {"api_key": smartlead_server.KEY})

    def delivered(self):
        return len(self.smartlead.leads)

    def break_sender(self):
        return replace(self.account, credentials={"api_key": "wrong"}), self.to(self.good)


class TestSmtp(AdapterContract):
    @pytest.fixture
    def bench(self, smtp_sink):
        return SmtpBench(smtp_sink)


class TestTwilio(AdapterContract):
    @pytest.fixture
    def bench(self, fake_twilio):
        return TwilioBench(fake_twilio)


class TestSandbox(AdapterContract):
    @pytest.fixture
    def bench(self):
        return SandboxBench()


@pytest.mark.parametrize("name", ["sendgrid", "resend", "mailgun", "postmark", "ses"])
class TestProviders(AdapterContract):
    @pytest.fixture
    def bench(self, fake_esp, name):
        return ProviderBench(fake_esp, name)


class TestSmartlead(AdapterContract):
    @pytest.fixture
    def bench(self, fake_smartlead):
        return SmartleadBench(fake_smartlead)

    def test_it_goes_on_after_trouble(self, bench):
        """Smartlead keeps a person once: the second message goes to another one."""
        for address in (bench.refused, bench.passing):
            with pytest.raises(NotSent):
                bench.adapter.send(bench.account, bench.to(address))
        bench.adapter.send(bench.account, bench.to(bench.good))
        bench.adapter.close()
        bench.adapter.send(bench.account, bench.to("bob@a.example"))
        assert bench.delivered() == 2


def test_every_adapter_is_in_the_registry():
    assert [described.name for described in available()] == list(PACKAGES)
    for name in PACKAGES:
        assert adapter(name).name == name


def test_an_unknown_adapter_is_refused_by_name():
    with pytest.raises(Invalid, match="carrier-pigeon"):
        adapter("carrier-pigeon")
