"""The inbox at a hundred thousand conversations in which somebody wrote: every list, its counts and any search."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
from django.db import connection

from conversations.inbox import queues
from conversations.inbox.queues import QUEUES, View
from conversations.models import Conversation
from conversations.replies import listing
from outreach.access.models import User
from outreach.core import clock
from tests.benchmarks import Row
from tests.benchmarks.segments import _copy, _insert

LIMIT_MS = 100
FIRST_NAMES = (
    "anna",
    "boris",
    "carl",
    "diana",
    "emil",
    "fiona",
    "georg",
    "hanna",
    "ivan",
    "jana",
    "karl",
    "lena",
    "мария",
    "павел",
)
COMMON = (
    "the price and time of your product", "thanks we will call you next week", "interested in a demo please",
    "not now maybe later this year", "спасибо интересно расскажите подробнее о цене",
)  # fmt: skip
TABLES = "conversations_conversation, leads_lead, leads_company, leads_identity, access_user"


def _words(dice: np.random.Generator) -> list[str]:
    """A vocabulary of 30,000 words, the commonest first: those of real answers, then made-up ones."""
    letters = list("eariotnslcudpmhgbfywkvxzjq")
    lengths = dice.integers(2, 11, 30_000)
    made = ["".join(dice.choice(letters, size)) for size in lengths]
    return list(dict.fromkeys([*" ".join(COMMON).split(), *made]))


def _texts(dice: np.random.Generator, count: int) -> Iterator[str]:
    """Texts of 60 words on average, by Zipf's law."""
    pool = np.array(_words(dice), dtype=object)
    weights = 1 / np.arange(1, len(pool) + 1)
    weights /= weights.sum()
    for start in range(0, count, 1_000):
        sizes = dice.integers(10, 110, min(1_000, count - start))
        drawn = np.split(dice.choice(pool, sizes.sum(), p=weights), sizes.cumsum()[:-1])
        yield from map(" ".join, drawn)


def fill(conversations: int) -> User:
    """So many people who each wrote, 2.5 messages each: 5 % wait, a tenth is snoozed, half is closed, some opted out."""
    dice = np.random.default_rng(11)
    states = ["engaged"] * 8 + ["closed"] * 9 + ["booked", "opted_out", "dormant"]
    with connection.cursor() as cursor:
        cursor.execute("SET outreach.restoring = 'yes'")  # the audit trail goes with its users
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")
        users = [User.objects.create_user(f"user{n}", password="x", role="reviewer") for n in range(3)]
        cursor.execute("CREATE TEMP TABLE given (n int, state text, text text, reply text)")
        texts = _texts(dice, conversations * 2)
        _copy(cursor, "given", ((n, states[n % 20], next(texts), next(texts)) for n in range(1, conversations + 1)))
        cursor.execute(_insert("leads_company", {"id": "n", "name": "'Firm ' || n"}, "given WHERE n % 10 = 0"))
        names = "(ARRAY[" + ",".join(f"'{name}'" for name in FIRST_NAMES) + f"])[1 + n % {len(FIRST_NAMES)}]"
        lead = {"id": "n", "full_name": f"{names} || ' Nr' || n", "company_id": "GREATEST(10, n - n % 10)"}
        cursor.execute(_insert("leads_lead", lead, "given"))
        identity = {
            "id": "n",
            "lead_id": "n",
            "channel": "'email'",
            "is_primary": "true",
            "address": "'p' || n || '@firm' || n % 997 || '.example'",
        }
        cursor.execute(_insert("leads_identity", identity, "given"))
        at = "now() - n * interval '5 minutes'"
        cursor.execute(
            _insert(
                "conversations_conversation",
                {
                    "id": "n", "lead_id": "n", "state": "state", "last_inbound_at": at, "updated_at": at,
                    "handler": "CASE n % 3 WHEN 0 THEN 'person' ELSE 'ai' END",
                    "waiting_since": f"CASE WHEN state = 'engaged' AND n % 8 = 0 THEN {at} END",
                    "snoozed_until": "CASE WHEN n % 10 = 3 THEN now() + n * interval '1 minute' END",
                    "assigned_to_id": f"(ARRAY[{users[0].pk}, {users[1].pk}, NULL])[1 + n % 3]",
                },
                "given",
            )
        )  # fmt: skip
        for place, (direction, text) in enumerate((("out", "text"), ("in", "reply"))):
            message = {
                "id": f"n * 2 + {place}", "conversation_id": "n", "lead_id": "n", "direction": f"'{direction}'", "channel": "'email'", "body": text,
                "state": "'sent'" if direction == "out" else "'received'", "subject": "'Hello'", "created_at": at,
                "rfc_message_id": f"'{direction}' || n || '@x.example'", "received_at": at,
                "attempts": "0", "priority": "0",
            }  # fmt: skip
            cursor.execute(_insert("conversations_message", message, "given"))
        reading = {
            "id": "id",
            "message_id": "id",
            "intent": "(ARRAY['positive','question','negative','unclear'])[1 + conversation_id % 4]",
        }
        cursor.execute(
            _insert("replies_reading", reading | {"source": "'rules'"}, "conversations_message WHERE direction = 'in'")
        )
        cursor.execute(
            _insert(
                "replies_presence",
                {"id": "n", "conversation_id": "n", "user_id": str(users[0].pk), "seen_at": "now()"},
                f"given WHERE n <= {conversations * 9 // 10}",
            )
        )
        cursor.execute("DROP TABLE given")
        for start in range(0, conversations, 5_000):
            listing.refresh(range(start + 1, start + 5_001))
        for table in ("leads_lead", "leads_company", "leads_identity", "conversations_conversation",
                      "conversations_message", "replies_reading", "replies_listing", "replies_presence"):  # fmt: skip
            cursor.execute(f"VACUUM ANALYZE {table}")
    return users[0]


SEARCHES = (
    "anna", "an", "a", "e", "price", "the", "the price", "week call demo", "firm 9", "firm77.example", "p500@firm500.example",
    "спасибо", "ивановна", "цена", "qqqqqq", "x", "time interested", "thanks we will call you next week",
)  # fmt: skip


def cases(count: int, user: User) -> dict[str, Callable[[], object]]:
    """What somebody does in the inbox, by name."""
    now = clock.now()
    dice = random.Random(5)

    def page(after: str = "", **given: str) -> object:
        return queues.page(View.of(given), user=user, now=now, after=after)

    def deep(name: str) -> str:
        """The key of a row in the middle or at the end of a queue."""
        rows = QUEUES[name].rows(user, now)
        column = QUEUES[name].order.lstrip("-")
        pks = list(rows.values_list("pk", flat=True))
        row = Conversation.objects.get(pk=dice.choice(pks)) if pks else None
        return f"{(getattr(row, column) or row.created_at).isoformat()}_{row.pk}" if row else ""

    found: dict[str, Callable[[], object]] = {}
    for name in QUEUES:
        found[f"list {name}"] = lambda name=name: page(queue=name)
        key = deep(name)
        found[f"list {name}, deep"] = lambda name=name, key=key: page(queue=name, after=key)
        found[f"list {name}, unread"] = lambda name=name: page(queue=name, unread="1")
    for given in (
        {"intent": "positive"},
        {"owner": str(user.pk)},
        {"owner": "none"},
        {"channel": "sms"},
        {"sort": "longest"},
    ):
        for name in ("all", "waiting"):
            found[f"list {name} {given}"] = lambda name=name, given=given: page(queue=name, **given)
    found["counts"] = lambda: queues.counts(View(), user=user, now=now)
    found["counts, filtered"] = lambda: queues.counts(View(chosen={"intent": "positive"}), user=user, now=now)
    found["counts, of a rare mark"] = lambda: queues.counts(View(chosen={"channel": "sms"}), user=user, now=now)
    found["counts, unread"] = lambda: queues.counts(View(is_unread=True), user=user, now=now)
    middle = Conversation.objects.get(pk=count // 2)
    last = Conversation.objects.get(pk=count - 100)
    for words in SEARCHES:
        found[f"search “{words}”"] = lambda words=words: page(q=words)
        for place in (middle, last):
            key = f"{place.last_inbound_at.isoformat()}_{place.pk}"
            found[f"search “{words}” from {place.pk}"] = lambda words=words, key=key: page(q=words, after=key)
    for given in ({"intent": "positive"}, {"owner": str(user.pk)}, {"unread": "1"}, {"sort": "longest"}):
        for words in ("the", "price", "anna"):
            found[f"search “{words}” {given}"] = lambda words=words, given=given: page(q=words, **given)
    return found


def measure(found: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """The median in ms of each."""
    times: dict[str, float] = {}
    for name, work in found.items():
        work()
        taken = []
        for _round in range(rounds):
            start = time.perf_counter()
            work()
            taken.append((time.perf_counter() - start) * 1000)
        times[name] = statistics.median(taken)
    return times


def run(scale: int) -> list[Row]:
    """At five times `scale` conversations: the slowest of all lists, of the counts, of all searches."""
    count = scale * 5
    user = fill(count)
    times = measure(cases(count, user))
    rows = []
    for kind in ("list", "counts", "search"):
        name, worst = max(((n, t) for n, t in times.items() if n.startswith(kind)), key=lambda found: found[1])
        middle = statistics.median(t for n, t in times.items() if n.startswith(kind))
        rows.append(
            Row(f"inbox of {count:,}: slowest {name}", worst, "ms", middle, worst / middle, f"≤ {LIMIT_MS} ms", worst <= LIMIT_MS)
        )  # fmt: skip
    return rows
