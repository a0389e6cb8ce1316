"""A program on the other side: two machines do not keep each other company."""

from __future__ import annotations

import pytest

from conversations.models import Message
from conversations.planning.replying import RULE_STREAM_NAME
from conversations.playbooks import services as playbooks
from conversations.playbooks.definition import parse
from outreach.jobs.draining import drain
from tests.conversations.inbound.arriving import answer, receive

pytestmark = pytest.mark.django_db
NOTE = "Thank you for contacting us. Your request has been received, ticket 4711. We will get back to you."


@pytest.fixture(autouse=True)
def autonomous():
    """The team's default playbook answers by itself."""
    words = {"en": {"prices": [{"what": "Team plan", "price": "€400 a month"}]}}
    made = playbooks.save_playbook(
        name="Alone", definition=parse({"mode": "autonomous", "words": words}), created_by=None
    )
    playbooks.make_default(playbook=made.playbook, user=None)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Auto-Submitted: auto-replied\n", NOTE),
        ("Auto-Submitted: auto-replied\n", "How much is the Team plan?"),
        ("", f"This is an automatically generated message. {NOTE}"),
        ("", NOTE),
    ],
    ids=["marked", "marked, with a question", "says so", "unmarked"],
)
def test_a_machine_that_answers_every_mail_gets_at_most_one_answer(sent, headers, body):
    for number in range(5):
        receive(answer(sent, body, headers=headers, number=number), number=number)
        drain()
    assert Message.objects.filter(stream__name=RULE_STREAM_NAME).count() <= 1


def test_a_person_who_asks_is_answered(sent):
    receive(answer(sent, "How much is the Team plan?"))
    drain()
    assert Message.objects.filter(stream__name=RULE_STREAM_NAME).count() == 1
