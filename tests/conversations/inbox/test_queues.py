"""What the inbox lists: queues, search, filters, order, unread."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from conversations.inbox import queues, services
from conversations.inbox.queues import QUEUES, View
from conversations.models import Conversation
from conversations.replies import listing
from conversations.replies import services as replies
from leads.models import Company
from outreach.access.models import User
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead, make_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return User.objects.create_user("ann", password="x", role="reviewer")


def talk(name: str, text: str, *, company: str = "", state: str = "engaged", hours: int = 1, **fields) -> Conversation:
    """Somebody wrote `text` so many hours ago and waits."""
    first = name.split()[0].lower()
    lead = make_lead(email=f"{first}@{first}-works.de")
    lead.full_name, lead.company = name, Company.objects.create(name=company) if company else None
    lead.save()
    row = make_conversation(lead)
    at = clock.now() - timedelta(hours=hours)
    replies.read_by_rules(make_reply(row, body=text, at=at))
    Conversation.objects.filter(pk=row.pk).update(
        **{"waiting_since": at, "last_inbound_at": at, "state": state, **fields}
    )
    listing.refresh([row.pk])
    row.refresh_from_db()
    return row


def shown(user, **given) -> list[Conversation]:
    rows, _following = queues.page(View.of(given), user=user, now=clock.now())
    return [row.conversation for row in rows]


@pytest.mark.parametrize("walk", [(1,), (2, 3), (50,)], ids=["rare word", "second walk", "common word"])
@pytest.mark.parametrize("sort", ["", "longest"])
def test_a_search_gives_every_find_once_in_order_whatever_way_it_is_found(ann, monkeypatch, walk, sort):
    monkeypatch.setattr(queues, "WALK", walk)
    rows = [talk(f"Sam{n} Stone", "About the pricing" if n % 2 else "No", hours=n + 1) for n in range(8)]
    found, after = [], ""
    while True:
        page, after = queues.page(View.of({"q": "pric", "sort": sort}), user=ann, now=clock.now(), after=after, limit=1)
        found += [row.conversation for row in page]
        if not after:
            break
    assert found == (rows[1::2] if not sort else rows[1::2][::-1])


def test_all_lists_only_people_who_wrote(ann):
    make_conversation()
    wrote = talk("Sam Stone", "Hello")
    assert shown(ann, queue="all") == [wrote]


def test_somebody_who_opted_out_needs_no_answer(ann):
    talk("Sam Stone", "Stop it", state="opted_out")
    assert shown(ann, queue="waiting") == []


@pytest.mark.parametrize(
    "words",
    [
        "stone",
        "sto",
        "sam@sam-works.de",
        "sam-works.de",
        "acme",
        "pricing",
        "prices",
        "pric",
        "the price",
        "stone acme prices",
    ],
)
def test_a_search_finds_people_companies_and_text(ann, words):
    found = talk("Sam Stone", "What is the pricing of your product?", company="Acme Steel")
    talk("Mia Klein", "Not interested", company="Other")
    assert shown(ann, q=words) == [found]


@pytest.mark.parametrize("words", ["встречи", "встреча", "встре", "Петров", "встречу петров"])
def test_a_search_knows_russian_forms(ann, words):
    found = talk("Иван Петров", "Предлагаю встречу во вторник")
    assert shown(ann, q=words) == [found]


@pytest.mark.parametrize("words", ["zebra", "'; DROP", "a' & !b:*", "|||", "stone zebra"])
def test_a_search_for_something_else_finds_nothing_and_never_fails(ann, words):
    talk("Sam Stone", "Hello")
    assert shown(ann, q=words) == []


def test_a_search_looks_into_closed_conversations_too(ann):
    closed = talk("Sam Stone", "Thanks, no", state="closed", waiting_since=None)
    assert shown(ann, queue="waiting", q="stone") == [closed]


def test_filters_narrow_each_queue(ann):
    question = talk("Sam Stone", "What does it cost?")
    mine = talk("Mia Klein", "Sounds great, tell me more", assigned_to=ann)
    assert shown(ann, queue="all", intent="question") == [question]
    assert shown(ann, queue="all", owner=str(ann.pk)) == [mine]
    assert shown(ann, queue="all", owner="none") == [question]
    assert shown(ann, queue="all", channel="sms") == []
    assert set(shown(ann, queue="all", channel="email")) == {question, mine}


def test_the_filter_follows_a_corrected_reading(ann):
    row = talk("Sam Stone", "What does it cost?")
    replies.correct(message=row.messages.get(), intent="negative", user=ann)
    assert shown(ann, queue="all", intent="negative") == [row]
    assert shown(ann, queue="all", intent="question") == []


def test_the_order_is_longest_waiting_or_newest(ann):
    old, new = talk("Old", "Hello", hours=9), talk("New", "Hello", hours=1)
    assert shown(ann, queue="waiting") == [old, new]
    assert shown(ann, queue="waiting", sort="newest") == [new, old]
    assert shown(ann, queue="all") == [new, old]
    assert shown(ann, queue="all", sort="longest") == [old, new]


@pytest.mark.parametrize("queue", list(QUEUES))
@pytest.mark.parametrize("sort", ["", "newest", "longest"])
def test_every_queue_is_paged_without_gaps(ann, queue, sort):
    for number in range(5):
        row = talk(f"P{number}", "Hello", hours=number // 2, assigned_to=ann)
        if queue in {"booked", "closed", "opted_out"}:
            Conversation.objects.filter(pk=row.pk).update(state=queue)
        if queue == "snoozed":
            Conversation.objects.filter(pk=row.pk).update(snoozed_until=clock.now() + timedelta(days=1))
    seen, after = [], ""
    while True:
        view = View.of({"queue": queue, "sort": sort})
        rows, after = queues.page(view, user=ann, now=clock.now(), after=after, limit=2)
        seen += [row.conversation.pk for row in rows]
        if not after:
            break
    assert len(seen) == len(set(seen))
    assert len(seen) == (0 if queue in {"held", "mentions", "drafted", "person", "lead"} else 5)


def test_unread_is_what_this_user_has_not_opened_since(ann):
    ben = User.objects.create_user("ben", role="reviewer")
    row = talk("Sam Stone", "Hello")
    assert shown(ann, unread="1") == [row]
    services.see(conversation=row, user=ann)
    assert shown(ann, unread="1") == [] and shown(ben, unread="1") == [row]
    services.mark_unread(conversation=row, user=ann)
    assert shown(ann, unread="1") == [row]


def test_what_is_written_after_the_last_look_is_unread_again(ann):
    row = talk("Sam Stone", "Hello", hours=2)
    services.see(conversation=row, user=ann)
    listing.refresh([row.pk])
    assert shown(ann, unread="1") == []
    Conversation.objects.filter(pk=row.pk).update(last_inbound_at=clock.now() + timedelta(seconds=1))
    listing.refresh([row.pk])
    listing.mark_seen(row.pk, user_id=ann.pk, at=clock.now())  # a look that began before it was stored
    assert shown(ann, unread="1") == [row]


@pytest.fixture(params=[0, 400], ids=["queue by queue", "together"])
def way_of_counting(request, monkeypatch):
    """Filters that leave out little are counted queue by queue, others together."""
    monkeypatch.setattr(queues, "SAMPLE", request.param)


def test_the_tabs_count_only_what_is_unread(ann, way_of_counting):
    services.see(conversation=talk("Mia Klein", "Hello", hours=1), user=ann)
    assert queues.counts(View(is_unread=True), user=ann, now=clock.now())["all"] == 0
    talk("Sam Stone", "Hello", hours=2)
    counts = queues.counts(View(is_unread=True), user=ann, now=clock.now())
    assert (counts["waiting"], counts["all"], counts["closed"]) == (1, 1, 0)


def test_the_tabs_count_with_the_filters(ann, way_of_counting):
    talk("Sam Stone", "What does it cost?")
    talk("Mia Klein", "Sounds great, tell me more")
    counts = queues.counts(View.of({"intent": "question"}), user=ann, now=clock.now())
    assert (counts["waiting"], counts["all"], counts["closed"]) == (1, 1, 0)


def test_the_list_says_nothing_until_it_changed(client, ann):
    client.force_login(ann)
    talk("Sam Stone", "Hello")
    headers = {"HX-Request": "true", "HX-Target": "rows"}
    token = client.get(reverse("inbox:list"), headers=headers).context["queue_token"]
    assert client.get(reverse("inbox:list"), {"seen": token}, headers=headers).status_code == 204
    talk("Mia Klein", "Hello")
    assert "Mia Klein" in client.get(reverse("inbox:list"), {"seen": token}, headers=headers).content.decode()


@pytest.mark.parametrize(
    "words", ["tomorrow", "next Tuesday", "in 2 weeks", "через неделю", "15 May", "в пятницу", "Friday"]
)
def test_a_conversation_is_snoozed_by_words(client, ann, words):
    client.force_login(ann)
    row = talk("Sam Stone", "Hello")
    client.post(reverse("inbox:snooze", args=[row.pk]), {"until": words})
    row.refresh_from_db()
    assert row.snoozed_until is not None and row.snoozed_until > clock.now()
    assert shown(ann, queue="snoozed") == [row]
