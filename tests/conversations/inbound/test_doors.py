"""What came in, at the console and over the API: shown as text, handled again, never changed."""

import pytest

from conversations.inbound import services
from conversations.inbound.models import InboundEvent
from outreach.access.models import User
from outreach.core import clock
from outreach.jobs.models import QueueItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return services.store(source="imap", external_id="1", body=b"Subject: <script>alert(1)</script>\r\n\r\nHi")


@pytest.fixture
def administrator(client):
    user = User.objects.create_superuser("root", password="a long password")
    client.force_login(user)
    return user


def test_the_raw_message_is_text_in_the_console(client, administrator, event):
    page = client.get(f"/admin/inbound/inboundevent/{event.pk}/change/")
    assert page.status_code == 200
    assert b"<script>alert(1)" not in page.content
    assert b"&lt;script&gt;alert(1)" in page.content
    assert client.get("/admin/inbound/inboundevent/").status_code == 200
    assert client.get("/admin/inbound/mailboxcursor/").status_code == 200
    assert client.get("/admin/sandbox/sandboxevent/").status_code == 200


def test_handle_again_puts_it_back_and_wakes_it(client, administrator, event):
    InboundEvent.objects.filter(pk=event.pk).update(state="failed", error="It broke")
    QueueItem.objects.all().delete()
    data = {"action": "handle_again", "_selected_action": [event.pk]}
    assert client.post("/admin/inbound/inboundevent/", data).status_code == 302
    event.refresh_from_db()
    assert (event.state, event.error) == ("stored", "")
    assert QueueItem.objects.count() == 1


def test_a_lost_wake_up_is_made_again(event):
    QueueItem.objects.all().delete()
    assert services.wake_stored(now=clock.now()) == 0
    assert services.wake_stored(now=clock.now() + 2 * services.PATIENCE) == 1
    assert services.wake_stored(now=clock.now() + 2 * services.PATIENCE) == 1
    assert QueueItem.objects.count() == 1


def test_the_api_reads_and_does_not_write(client, administrator, event):
    rows = client.get("/api/v1/inbound-events/?state=stored").json()["results"]
    assert [row["source"] for row in rows] == ["imap"]
    assert "body" not in rows[0]
    assert client.delete(f"/api/v1/inbound-events/{event.pk}/").status_code == 405
