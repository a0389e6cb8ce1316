"""Files of texts that come in: fetched from Twilio with its password and nowhere else, shown with the message."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from conversations.erasing import on_lead_erased
from conversations.files.models import StoredFile
from conversations.files.services import store_file
from conversations.inbound import handling, media, services
from conversations.models import Message
from outreach.core import clock
from outreach.events.models import Event
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_user
from tests.conversations.factories import make_lead, make_sender
from tests.servers import fake_twilio as server

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 10
PHONE = "+12025550101"


@pytest.fixture
def sender(fake_twilio):
    sender = make_sender(
        channel="sms", address="+12025550100",
        settings={"account_sid": server.ACCOUNT_SID, "base_url": fake_twilio.url},
    )  # fmt: skip
    sender.set_credentials({"auth_token": server.AUTH_TOKEN})
    sender.save()
    return sender


@pytest.fixture
def lead():
    return make_lead(phone=PHONE)


def receive(sender, *urls, sid="SM1", body="Look"):
    fields = {"MessageSid": sid, "From": PHONE, "To": sender.address, "Body": body, "NumMedia": str(len(urls))}
    fields |= {f"MediaUrl{number}": url for number, url in enumerate(urls)}
    handling.handle(services.store(source="twilio.message", external_id=sid, sender=sender, fields=fields))
    drain()
    return Message.objects.get(direction="in", provider_id=sid)


def test_the_picture_is_kept_and_shown_in_the_conversation(sender, lead, fake_twilio, client):
    message = receive(sender, fake_twilio.put_media(JPEG))
    file = StoredFile.objects.get()
    assert (bytes(file.content), file.is_received, file.name) == (JPEG, True, "media-1.jpg")
    client.force_login(make_user("reviewer"))
    page = client.get(f"/inbox/{message.conversation_id}/").content.decode()
    assert f"/files/{file.content_hash}/?name=media-1.jpg" in page
    assert client.get(f"/files/{file.content_hash}/").content == JPEG


def test_the_password_goes_to_twilio_and_not_where_it_redirects(sender, lead, fake_twilio):
    receive(sender, fake_twilio.put_media(JPEG))
    assert [is_signed for _path, is_signed in fake_twilio.media_requests] == [True, False]


def test_another_host_is_never_asked(sender, lead, fake_twilio):
    message = receive(sender, f"http://localhost:{fake_twilio.port}/secret", "http://169.254.169.254/latest/meta-data/")
    assert fake_twilio.media_requests == []
    assert message.attributes["attachments"] == [
        f"File {n}: The file is on a host that doesn't belong to Twilio." for n in (1, 2)
    ]


def test_a_private_address_is_refused_like_everywhere(sender, lead, fake_twilio, settings):
    fetching = settings.OUTREACH.fetching.model_copy(update={"allowed_networks": []})
    settings.OUTREACH = settings.OUTREACH.model_copy(update={"fetching": fetching})
    message = receive(sender, fake_twilio.put_media(JPEG))
    assert (fake_twilio.media_requests, message.enclosures) == ([], "")
    assert len(message.attributes["attachments"]) == 1


def test_a_program_is_not_kept_and_named(sender, lead, fake_twilio):
    message = receive(
        sender, fake_twilio.put_media(b"MZ" + b"\0" * 100, "application/x-msdownload"), fake_twilio.put_media(JPEG)
    )
    assert StoredFile.objects.count() == 1
    assert message.attributes["attachments"][0].startswith("File 1: ")
    assert "media-2.jpg" in message.enclosures


def test_what_twilio_has_no_more_is_said(sender, lead, fake_twilio):
    url = fake_twilio.put_media(JPEG)
    fake_twilio.media.clear()
    assert receive(sender, url).attributes["attachments"] == ["File 1: Twilio no longer has this file."]


def test_trouble_is_tried_again_later_and_once_is_enough(sender, lead, fake_twilio):
    url = fake_twilio.put_media(JPEG)
    fake_twilio.options.auth_token = "another"
    message = receive(sender, url)
    assert (message.enclosures, message.attributes["media_attempts"]) == ("", 1)
    fake_twilio.options.auth_token = server.AUTH_TOKEN
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        assert media.fetch(message.pk) == 1
        assert media.fetch(message.pk) == 0
    message.refresh_from_db()
    assert "media-1.jpg" in message.enclosures


def test_with_the_person_their_pictures_go_and_ours_stay(sender, lead, fake_twilio):
    ours = store_file(name="ours.jpg", content=b"\xff\xd8\xff\xe0ours")
    receive(sender, fake_twilio.put_media(JPEG), fake_twilio.put_media(bytes(ours.content)))
    on_lead_erased(Event(kind="lead.erased", payload={"lead_id": lead.pk, "digests": ""}))
    assert list(StoredFile.objects.all()) == [ours]
