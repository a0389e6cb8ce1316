"""Files of steps and the choice of tracking: pages, API, and what an approval is bound to."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Campaign
from campaigns.steps import files as services
from campaigns.steps.files import enclosures_of, encoded_files
from campaigns.steps.models import StepFile
from conversations.files.services import store_file
from conversations.outbox.content import content_hash
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.errors import Invalid, Refused
from tests.campaigns.factories import make_campaign
from tests.conversations.factories import ACTOR

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 hello"


@pytest.fixture
def campaign():
    return make_campaign()


@pytest.fixture
def operator():
    return User.objects.create_user("olga", role=Role.OPERATOR)


def enclose(campaign, *, content=PDF, name="offer.pdf", is_inline=False):
    row = store_file(name=name, content=content)
    step = campaign.steps.get(number=1)
    return services.add_file(step=step, content_hash=row.content_hash, name=name, is_inline=is_inline, actor=ACTOR)


def test_a_file_is_enclosed_with_every_message_of_its_step(campaign):
    enclose(campaign)
    [file] = enclosures_of(campaign.steps.get(number=1))
    assert (file.name, file.is_inline) == ("offer.pdf", False)


def test_an_approval_is_bound_to_the_files_of_its_step(campaign):
    words = {"subject": "s", "body": "b", "address": "a@b.de", "sender_id": 1, "channel": "email", "body_html": ""}
    before = content_hash(**words, enclosures=encoded_files(campaign.steps.get(number=1)))
    assert before == content_hash(**words)
    enclose(campaign)
    assert content_hash(**words, enclosures=encoded_files(campaign.steps.get(number=1))) != before


def test_what_is_no_image_is_not_shown_inside_the_text(campaign):
    with pytest.raises(Invalid, match="not a PNG"):
        enclose(campaign, is_inline=True)


def test_a_campaign_that_is_over_keeps_what_it_sent(campaign):
    file = enclose(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(state="completed")
    campaign.refresh_from_db()
    with pytest.raises(Refused):
        enclose(campaign, content=PDF + b"2")
    with pytest.raises(Refused):
        services.remove_file(file=StepFile.objects.get(pk=file.pk), actor=ACTOR)
    with pytest.raises(Refused):
        services.set_tracking(campaign=campaign, tracks_opens=True, tracks_clicks=True, actor=ACTOR)


def test_the_page_uploads_removes_and_chooses(client, campaign, operator):
    client.force_login(operator)
    page = reverse("steps:mail", args=[campaign.pk])
    add = reverse("steps:add", args=[campaign.pk, 1])
    assert client.post(add, {"files": [SimpleUploadedFile("offer.pdf", PDF)]}).status_code == 302
    assert "offer.pdf" in client.get(page).content.decode()
    refused = client.post(add, {"files": [SimpleUploadedFile("a.exe", b"MZ")]})
    assert (refused.status_code, "executable files" in refused.content.decode()) == (422, True)
    client.post(reverse("steps:tracking", args=[campaign.pk]), {"tracks_opens": "on"})
    campaign.stream.refresh_from_db()
    assert (campaign.stream.tracks_opens, campaign.stream.tracks_clicks) == (True, False)
    client.post(reverse("steps:remove", args=[campaign.pk, StepFile.objects.get().pk]))
    assert not StepFile.objects.exists()


def test_a_file_of_30_mb_is_refused_in_words_at_the_page_and_the_api(client, campaign, operator):
    client.force_login(operator)
    big = SimpleUploadedFile("offer.pdf", PDF + b"x" * 30 * 1024 * 1024)
    refused = client.post(reverse("steps:add", args=[campaign.pk, 1]), {"files": [big]})
    assert (refused.status_code, "larger than 10 MB" in refused.content.decode()) == (422, True)
    api = APIClient()
    api.force_authenticate(operator)
    big.seek(0)
    answer = api.post("/api/v1/files/", {"file": big}, format="multipart")
    assert (answer.status_code, "larger than 10 MB" in str(answer.json())) == (400, True)
    assert not StepFile.objects.exists()


def test_a_viewer_looks_and_does_not_touch(client, campaign):
    client.force_login(User.objects.create_user("vera", role=Role.VIEWER))
    assert client.get(reverse("steps:mail", args=[campaign.pk])).status_code == 200
    assert client.post(reverse("steps:tracking", args=[campaign.pk])).status_code == 403


def test_the_api_does_the_same(campaign, operator):
    api = APIClient()
    api.force_authenticate(operator)
    row = store_file(name="offer.pdf", content=PDF)
    url = f"/api/v1/campaigns/{campaign.pk}/files"
    made = api.post(url, {"step": 1, "content_hash": row.content_hash, "name": "Offer.pdf"})
    assert made.status_code == 201, made.data
    assert api.get(url).data[0]["name"] == "Offer.pdf"
    assert api.delete(f"{url}/{made.data['id']}").status_code == 204
    tracking = f"/api/v1/campaigns/{campaign.pk}/tracking"
    assert api.put(tracking, {"tracks_opens": False, "tracks_clicks": True}).status_code == 200
    assert api.get(tracking).data == {"tracks_opens": False, "tracks_clicks": True}
