"""Files with text messages: within Twilio's limits, fetched by a signed address that ends."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from conversations.channels import links
from conversations.channels.base import Account, Attachment, Fault, NotSent
from conversations.channels.sms import media
from conversations.channels.sms.adapter import TwilioAdapter
from conversations.files.enclosures import Enclosure
from conversations.files.services import store_file
from conversations.models import Message
from conversations.outbox.content import COLUMNS, content_hash
from conversations.planning.plans import MessagePlan
from conversations.planning.services import plan_message
from conversations.services import conversation_for
from outreach.core import clock
from outreach.core.errors import Invalid
from tests.conversations.channels.test_contract import text
from tests.conversations.factories import make_lead, make_sender, make_stream
from tests.servers import fake_twilio as server

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PICTURE = Attachment("offer.png", "image/png", PNG)


@pytest.fixture
def account(fake_twilio):
    fake_twilio.options.sends_callbacks = False
    settings = {"account_sid": server.ACCOUNT_SID, "base_url": fake_twilio.url, "timeout_seconds": 5}
    return Account(7, "sms", "+12025550100", "", settings, {"auth_token": server.AUTH_TOKEN})


@pytest.mark.django_db(transaction=True)
def test_twilio_fetches_the_picture_by_its_signed_address(account, fake_twilio, live_server, settings):
    settings.PUBLIC_BASE_URL = live_server.url
    store_file(name="offer.png", content=PNG)
    TwilioAdapter().send(account, text(attachments=(PICTURE,)))
    ((url, status, media_type, content),) = fake_twilio.fetched
    assert url.startswith(f"{live_server.url}/media/")
    assert (status, media_type, content) == (200, "image/png", PNG)


@pytest.mark.django_db(transaction=True)
def test_what_twilio_cannot_fetch_is_about_the_message(account, live_server, settings):
    settings.PUBLIC_BASE_URL = live_server.url
    with pytest.raises(NotSent) as error:
        TwilioAdapter().send(account, text(attachments=(PICTURE,)))  # not stored here
    assert (error.value.fault, error.value.code) == (Fault.MESSAGE, "21620")


@pytest.mark.parametrize(
    ("changes", "files", "code"),
    [
        ({}, [Attachment("a.zip", "application/zip", b"PK")], "mms_type"),
        ({}, [replace(PICTURE, content=b"x" * (media.MAX_BYTES + 1))], "file_too_large"),
        ({}, [PICTURE] * 11, "too_many_files"),
        ({"address": "OURFIRM"}, [PICTURE], "mms_origin"),
        ({"address": "+4915112345678"}, [PICTURE], "mms_origin"),
    ],
)
def test_what_cannot_go_is_refused_before_anything_is_asked(account, fake_twilio, changes, files, code):
    with pytest.raises(NotSent) as error:
        TwilioAdapter().send(replace(account, **changes), text(attachments=tuple(files)))
    assert (error.value.fault, error.value.code, fake_twilio.requests) == (Fault.MESSAGE, code, [])


@pytest.mark.parametrize(
    ("base", "is_taken"),
    [("https://outreach.firm.de", True), ("http://outreach.firm.de", False), ("https://10.0.0.5", False), ("", False)],
)
def test_the_real_twilio_is_given_public_https_addresses_only(account, settings, base, is_taken):
    settings.PUBLIC_BASE_URL = base
    real = replace(account, settings={"account_sid": server.ACCOUNT_SID})
    if is_taken:
        assert TwilioAdapter._media_urls(real, text(attachments=(PICTURE,)))[0].startswith(f"{base}/media/")
    else:
        with pytest.raises(NotSent, match="PUBLIC_BASE_URL"):
            TwilioAdapter._media_urls(real, text(attachments=(PICTURE,)))


def test_a_messaging_service_chooses_its_number_itself():
    media.check_origin(address="OURFIRM", has_service=True)
    with pytest.raises(Invalid):
        media.check_origin(address="OURFIRM", has_service=False)


@pytest.mark.django_db
class TestTheAddress:
    @pytest.fixture
    def url(self):
        store_file(name="offer.png", content=PNG)
        return links.media_url(hashlib.sha256(PNG).hexdigest()).partition("/media/")[2]

    def test_it_needs_no_sign_in_and_shows_nothing_else(self, client, url):
        answer = client.get(f"/media/{url}")
        assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, PNG, "image/png")
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_it_ends_after_a_day(self, client, url):
        with time_machine.travel(clock.now() + timedelta(hours=25)):
            assert client.get(f"/media/{url}").status_code == 404

    @pytest.mark.parametrize(
        "change", [lambda url: url[:-1] + ("A" if url[-1] != "A" else "B"), lambda _url: "x", lambda url: "0" + url]
    )
    def test_a_changed_one_is_nothing(self, client, url, change):
        assert client.get(f"/media/{change(url)}").status_code == 404


@pytest.mark.django_db
class TestPlanning:
    """What cannot go is said to whoever writes, not found out when it leaves."""

    def plan(self, content=PNG, name="offer.png", **sender):
        lead = make_lead(phone="+12025550101" if sender.get("adapter") == "sandbox" else "+12125551234")
        row = store_file(name=name, content=content)
        sender = {"address": "+12025550100", **sender}
        return plan_message(
            MessagePlan(
                conversation=conversation_for(lead=lead),
                sender=make_sender(channel="sms", **sender),
                channel="sms",
                address=lead.identities.get(channel="sms").address,
                body="Look",
                stream=make_stream(),
                scheduled_at=clock.now(),
                approval_rule="tests",
                files=[Enclosure(row.content_hash, name, is_inline=True)],
            )
        )

    def test_the_files_are_part_of_what_is_approved(self, settings):
        settings.PUBLIC_BASE_URL = "https://outreach.firm.de"
        message = self.plan()
        assert hashlib.sha256(PNG).hexdigest() in message.enclosures
        assert (message.body_html, '"inline":true' in message.enclosures) == ("", False)
        Message.objects.filter(pk=message.pk).update(enclosures="")
        message.refresh_from_db()
        content = {name: getattr(message, name) for name in COLUMNS}
        assert content_hash(**content) != message.approved_hash

    @pytest.mark.parametrize(
        ("base", "options", "code"),
        [
            ("http://127.0.0.1:8000", {}, "mms_not_reachable"),
            ("https://outreach.firm.de", {"address": "+4915112345678"}, "mms_origin"),
            ("https://outreach.firm.de", {"name": "a.txt", "content": b"text"}, "mms_type"),
        ],
    )
    def test_each_refusal_has_its_code(self, settings, base, options, code):
        settings.PUBLIC_BASE_URL = base
        with pytest.raises(Invalid) as error:
            self.plan(**options)
        assert (error.value.field, error.value.code) == ("files", code)

    def test_the_sandbox_needs_no_public_address(self, settings):
        settings.PUBLIC_BASE_URL = ""
        assert self.plan(adapter="sandbox").enclosures
