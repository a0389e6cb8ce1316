"""What recurs: tags with their counts, and the questions and objections that come again and again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from conversations.inbox import patterns, queues, services
from conversations.inbox.queues import View
from conversations.models import Conversation
from conversations.replies import listing
from conversations.replies import services as replies
from outreach.access.models import User
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead, make_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return User.objects.create_user("ann", password="x", role="reviewer")


def talk(name: str, text: str, *, days: int = 1) -> Conversation:
    """Somebody wrote `text` so many days ago."""
    row = make_conversation(make_lead(email=f"{name}@{name}-works.de"))
    at = clock.now() - timedelta(days=days)
    message = make_reply(row, body=text, at=at)
    replies.receive(message, row)
    Conversation.objects.filter(pk=row.pk).update(last_inbound_at=at)
    listing.refresh([row.pk])
    return row


def shown(user: User, **given: str) -> set[Conversation]:
    rows, _following = queues.page(View.of(given), user=user, now=clock.now())
    return {row.conversation for row in rows}


def test_a_tag_narrows_queues_and_searches_and_is_counted(client, ann):
    sam, mia, tom = (talk(name, "What does it cost?") for name in ("sam", "mia", "tom"))
    services.set_tags(conversation=sam, tags=["vip", "fair 2026"], user=ann)
    services.set_tags(conversation=mia, tags=["vip"], user=ann)
    assert patterns.counted("tag", most=10) == [("vip", 2), ("fair 2026", 1)]
    assert shown(ann, queue="all", tag="vip") == {sam, mia}
    assert shown(ann, queue="all", tag="fair 2026") == {sam}
    assert tom not in shown(ann, q="cost", tag="vip")
    client.force_login(ann)
    offered = client.get(reverse("inbox:filter-choices", args=["tag"]), {"tag": "vip"}).content.decode()
    assert '<option value="vip" selected>vip (2)</option>' in offered
    assert client.get(reverse("inbox:filter-choices", args=["nothing"])).status_code == 404


def test_questions_and_objections_are_counted_and_open_their_conversations(client, ann):
    asks = {talk("sam", "What does it cost for 40 people?"), talk("mia", "Thanks! Сколько это стоит?")}
    talk("old", "How much is it?", days=120)
    objects = talk("tom", "Not interested, we already have a supplier.")
    talk("kim", "Sounds good, see you on Tuesday.")
    price, vendor = patterns.recurring(now=clock.now())
    assert (price.kind, price.count, price.before) == ("question.price", 2, 1)
    assert (vendor.kind, vendor.count, vendor.before) == ("objection.has_vendor", 1, 0)
    assert "What does it cost for 40 people?" in {example.text for example in price.examples}
    assert shown(ann, queue="all", about="objection.has_vendor") == {objects}
    assert asks <= shown(ann, queue="all", about="question.price")
    client.force_login(ann)
    page = client.get(reverse("inbox:patterns")).content.decode()
    assert f"{reverse('inbox:list')}?queue=all&amp;about=question.price" in page
    assert reverse("inbox:conversation", args=[objects.pk]) in page


def test_what_was_asked_stays_counted_when_the_intent_is_corrected(ann):
    row = talk("sam", "What does it cost?")
    replies.correct(message=row.messages.get(), intent="positive", user=ann)
    assert [found.kind for found in patterns.recurring(now=clock.now())] == ["question.price"]


def test_the_page_costs_the_same_for_many(client, ann, django_assert_max_num_queries):
    for number in range(6):
        talk(f"sam{number}", "What does it cost? Where is the data stored? Is there a trial?")
    client.force_login(ann)
    with django_assert_max_num_queries(12):
        client.get(reverse("inbox:patterns"))


def test_nothing_recurs_where_nobody_wrote(client, ann):
    client.force_login(ann)
    assert "Nothing yet." in client.get(reverse("inbox:patterns")).content.decode()


def test_who_asks_for_a_call_asks_nothing_about_the_product(ann):
    talk("sam", "Can we have a call on Thursday afternoon? Do you have customers like us?")
    talk("mia", "Could we talk on Friday?")
    assert [(row.kind, row.count) for row in patterns.recurring(now=clock.now())] == [("question.references", 1)]
