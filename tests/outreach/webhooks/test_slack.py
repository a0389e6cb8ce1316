"""Slack: a Block Kit message that says who did what, with a link."""

import pytest

from outreach.events import kinds
from outreach.events.services import publish
from outreach.jobs.draining import drain
from outreach.webhooks.connectors.slack import message
from tests.outreach.webhooks.conftest import subscribe


def test_a_reply_says_who_wrote_what_and_links_to_the_conversation():
    found = message(kinds.example("reply.received"))
    kinds_of_blocks = [block["type"] for block in found["blocks"]]
    assert found["text"] == "Anna Nowak replied"
    assert kinds_of_blocks == ["header", "section", "section", "actions"]
    assert found["blocks"][1]["text"]["text"] == "> Sounds useful. Could we talk on Thursday?"
    assert found["blocks"][-1]["elements"][0]["url"].endswith("/inbox/1810/")


@pytest.mark.parametrize("name", list(kinds.kinds()))
def test_every_event_makes_a_message_within_slacks_limits(name):
    example = kinds.example(name)
    example["data"]["reason"] = "<!channel> & more " * 500
    found = message(example)
    header, *blocks = found["blocks"]
    assert 0 < len(header["text"]["text"]) <= 150
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks if block["type"] == "section")
    assert "<!channel>" not in str(blocks)


@pytest.mark.django_db
def test_it_is_posted_without_a_signature(receiver):
    subscribe(receiver.url, "lead.created", connector="slack")
    publish("lead.created", lead_id=1)
    drain()
    (received,) = receiver.requests
    assert received.json["text"] == "New lead: Someone"
    assert "webhook-signature" not in received.headers
