"""A picture with a campaign's text message: refused early, bound to the approval, and on its way through gate and Twilio."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.journey.advancing import hand_over
from campaigns.launch import checks as preflight
from campaigns.steps import files as services
from campaigns.steps.files import encoded_files
from campaigns.steps.models import StepFile
from conversations.consent.services import record_consent
from conversations.dispatch.explain import explain
from conversations.dispatch.sending import send_due
from conversations.files.services import store_file
from conversations.outbox.content import content_hash
from outreach.core.errors import Invalid
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.campaigns.texts import make_draft
from tests.conversations.factories import ACTOR
from tests.servers import fake_twilio as server

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
SERVICE = "MG" + "0" * 31 + "1"


def enclose(campaign, *, content=PNG, name="offer.png", is_inline=False):
    row = store_file(name=name, content=content)
    step = campaign.steps.get(number=1)
    return services.add_file(step=step, content_hash=row.content_hash, name=name, is_inline=is_inline, actor=ACTOR)


@pytest.fixture
def campaign(db):
    campaign = make_campaign(steps=("first-contact-sms",), state="sending")
    campaign.stream.state = "active"
    campaign.stream.save()
    return campaign


def write_with(campaign, **fields):
    """The step's sender, changed."""
    sender = campaign.steps.get(number=1).sender
    for name, value in fields.items():
        setattr(sender, name, value)
    sender.save()
    return sender


@pytest.mark.django_db(transaction=True)
def test_a_picture_leaves_with_the_text_by_a_messaging_service(
    campaign, fake_twilio, live_server, settings, reaches_fakes
):
    settings.PUBLIC_BASE_URL = live_server.url
    fake_twilio.options.sends_callbacks = False
    sender = write_with(
        campaign,
        adapter="twilio",
        address="OURFIRM",
        settings={
            "account_sid": server.ACCOUNT_SID, "base_url": fake_twilio.url, "timeout_seconds": 5,
            "messaging_service_sid": SERVICE,
        },
    )  # fmt: skip
    sender.set_credentials({"auth_token": server.AUTH_TOKEN})
    sender.save()
    enclose(campaign)
    candidate = make_candidate(campaign, stage="approved", time_zone="America/New_York")
    candidate.lead.identities.filter(channel="sms").update(address="+12125551234")
    step = campaign.steps.get(number=1)
    approved = content_hash(
        subject="", body="Hello Joe, shall we talk?", body_html="", channel="sms", address="+12125551234",
        sender_id=sender.pk, enclosures=encoded_files(step),
    )  # fmt: skip
    record_consent(lead=candidate.lead, channel="sms", basis="express", source="form", evidence="box", actor=ACTOR)
    with time_machine.travel(NOON):
        message = hand_over(make_draft(candidate, subject="", approved_hash=approved))
        assert message is not None, candidate.problem
        assert all(check.passed for check in explain(message).checks), explain(message).summary
        send_due(channels=("sms",))
    message.refresh_from_db()
    assert message.state == "sent", message.error
    assert [(status, media_type, content) for _url, status, media_type, content in fake_twilio.fetched] == [
        (200, "image/png", PNG)
    ]
    (sent,) = fake_twilio.messages.values()
    assert (sent["messaging_service_sid"], sent["from"]) == (SERVICE, None)


@pytest.mark.django_db
class TestRefusals:
    """What cannot go is said when it is enclosed, and once more before the launch."""

    @pytest.mark.parametrize(
        ("file", "code"),
        [
            ({"name": "words.txt", "content": b"words"}, "mms_type"),
            ({"content": PNG + b"\0" * 5 * 1024 * 1024}, "file_too_large"),
        ],
    )
    def test_what_no_text_message_carries(self, campaign, file, code):
        with pytest.raises(Invalid) as error:
            enclose(campaign, **file)
        assert (error.value.field, error.value.code) == ("files", code)

    def test_a_sender_that_carries_no_files(self, campaign, settings):
        settings.PUBLIC_BASE_URL = "https://outreach.firm.de"
        write_with(campaign, adapter="twilio", address="+4915112345678")
        with pytest.raises(Invalid, match="cannot include files"):
            enclose(campaign)

    def test_the_preflight_says_what_changed_since(self, campaign):
        enclose(campaign)
        assert services.missing(campaign) == []
        write_with(campaign, adapter="twilio", address="+12025550100")
        (problem,) = [found for found in preflight.check(campaign) if found.place == "files"]
        assert problem.is_blocking and "PUBLIC_BASE_URL" in problem.text

    def test_any_sender_of_a_pool_may_have_to_carry_it(self, campaign, settings):
        settings.PUBLIC_BASE_URL = "https://outreach.firm.de"
        write_with(campaign, adapter="twilio", address="+4915112345678", tags=["texts"])
        campaign.steps.update(pool="texts")
        with pytest.raises(Invalid, match="cannot include files"):
            enclose(campaign)


@pytest.mark.django_db
def test_the_page_offers_it_without_a_place_inside_the_text(client, campaign):
    client.force_login(make_user("operator"))
    page = client.get(reverse("steps:mail", args=[campaign.pk])).content.decode()
    assert "At most 5 MB per text message" in page and "inside the text" not in page
    upload = {"files": [SimpleUploadedFile("offer.png", PNG)], "is_inline": "on"}
    assert client.post(reverse("steps:add", args=[campaign.pk, 1]), upload).status_code == 302
    assert StepFile.objects.get().is_inline is False
