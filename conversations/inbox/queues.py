"""The inbox's queues: which conversations each shows, narrowed, searched, sorted and paged by key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from conversations.consent.models import Hold
from conversations.inbox.filters import all_filters
from conversations.inbox.models import Mention
from conversations.models import ANSWERED, CONVERSATION, Conversation, Message, is_on_their_side, is_waiting
from conversations.replies.listing import search_query, seen_by
from conversations.replies.models import Listing, Reading, Suggestion
from outreach.access.models import User

PAGE_SIZE = 40
WALK = (150, 1_000)
"""How many conversations a search reads in their order before it asks the index of words: few, then as many more."""
COUNT_CAP, SAMPLE = 100, 400

Text = str | Promise
SORTS = {
    "newest": gettext_lazy("Newest first"),
    "longest": gettext_lazy("Longest waiting first"),
}
_PROPOSED = Q(pk__in=Suggestion.objects.proposed().values("conversation"))
_NOT_CLOSED = ~Q(state=CONVERSATION.CLOSED)
_HELD = Q(pk__in=Hold.objects.filter(decided_at=None).values("conversation"))


@dataclass(frozen=True)
class Queue:
    """One queue: what is in it, the column that orders it (descending with a minus), and what an empty one says."""

    name: str
    label: Text
    condition: Callable[[User, datetime], Q]
    order: str
    hint: Text
    is_main: bool = True

    def rows(self, user: User, now: datetime) -> QuerySet[Conversation]:
        """Its conversations, unordered."""
        return Conversation.objects.order_by().filter(self.condition(user, now))


QUEUES = {
    queue.name: queue
    for queue in (
        Queue(
            "waiting",
            gettext_lazy("Needs an answer"),
            lambda user, now: is_waiting(now),
            "waiting_since",
            gettext_lazy("No one is waiting for an answer."),
        ),
        Queue(
            "held",
            gettext_lazy("May want to stop"),
            lambda user, now: _HELD,
            "-updated_at",
            gettext_lazy("No one who may want us to stop is waiting for a decision."),
        ),
        Queue(
            "mine",
            gettext_lazy("Mine"),
            lambda user, now: _NOT_CLOSED & Q(assigned_to=user),
            "-updated_at",
            gettext_lazy("Nothing is assigned to you."),
        ),
        Queue(
            "mentions",
            gettext_lazy("Mentions me"),
            lambda user, now: _NOT_CLOSED & Q(pk__in=Mention.objects.filter(user=user).values("conversation")),
            "-updated_at",
            gettext_lazy("No colleague has mentioned you in a note."),
            is_main=False,
        ),
        Queue(
            "snoozed",
            gettext_lazy("Snoozed"),
            lambda user, now: Q(snoozed_until__gt=now),
            "snoozed_until",
            gettext_lazy("Nothing is snoozed."),
        ),
        Queue(
            "booked",
            gettext_lazy("Booked"),
            lambda user, now: Q(state=CONVERSATION.BOOKED),
            "booked_for",
            gettext_lazy("No calls booked yet."),
        ),
        Queue(
            "closed",
            gettext_lazy("Closed"),
            lambda user, now: ANSWERED & Q(state=CONVERSATION.CLOSED),
            "-last_inbound_at",
            gettext_lazy("Nothing is closed yet."),
        ),
        Queue(
            "all",
            gettext_lazy("All"),
            lambda user, now: ANSWERED,
            "-last_inbound_at",
            gettext_lazy("When someone answers, the conversation appears here."),
        ),
        Queue(
            "drafted",
            gettext_lazy("Answer drafted"),
            lambda user, now: is_waiting(now) & _PROPOSED,
            "waiting_since",
            gettext_lazy("No drafted answers to review."),
            is_main=False,
        ),
        Queue(
            "person",
            gettext_lazy("Needs a person"),
            lambda user, now: is_waiting(now) & ~_PROPOSED & Q(handler=Conversation.Handler.PERSON),
            "waiting_since",
            gettext_lazy("Nothing needs a person's decision."),
            is_main=False,
        ),
        Queue(
            "lead",
            gettext_lazy("Waiting for them"),
            lambda user, now: is_on_their_side(now),
            "-last_inbound_at",
            gettext_lazy("No one owes you a reply."),
            is_main=False,
        ),
        Queue(
            "opted_out",
            gettext_lazy("Opted out"),
            lambda user, now: Q(state=CONVERSATION.OPTED_OUT),
            "-updated_at",
            gettext_lazy("No opt-outs."),
            is_main=False,
        ),
    )
}
FIRST = "waiting"


@dataclass(frozen=True)
class View:
    """What one user looks at: a queue, or what a search finds in all of them; narrowed and sorted."""

    queue: Queue = QUEUES[FIRST]
    search: str = ""
    sort: str = ""
    is_unread: bool = False
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Filter → value."""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> View:
        """The view that the parameters of an address name; what is unknown is left out."""
        chosen = {f.name: given.get(f.name, "")[:100] for f in all_filters()}
        sort = given.get("sort", "")
        return cls(
            queue=QUEUES.get(given.get("queue", ""), QUEUES[FIRST]),
            search=given.get("q", "").strip()[:200],
            sort=sort if sort in SORTS else "",
            is_unread=bool(given.get("unread")),
            chosen={name: value for name, value in chosen.items() if value},
        )

    @property
    def query(self) -> str:
        """The parameters of an address that gives this view again."""
        return self.with_queue(self.queue.name)

    def with_queue(self, name: str) -> str:
        """The parameters for another queue with the same filters; a search is left."""
        own = {"queue": name, "sort": self.sort, "unread": "1" if self.is_unread else ""}
        if name == self.queue.name:
            own["q"] = self.search
        return urlencode({key: value for key, value in {**own, **self.chosen}.items() if value})

    @property
    def order(self) -> str:
        """The column that orders the rows."""
        if self.sort == "newest" or (self.search and not self.sort):
            return "-last_inbound_at"
        if self.sort == "longest":
            return "waiting_since" if self.queue.order == "waiting_since" and not self.search else "last_inbound_at"
        return self.queue.order

    def rows(self, *, user: User, now: datetime) -> QuerySet[Conversation]:
        """The conversations, unordered; for a search those that it reads, whatever their words."""
        rows: QuerySet[Conversation]
        if self.search:
            rows = Conversation.objects.filter(listing__at__isnull=False)
        else:
            rows = self.queue.rows(user, now)
        return self.narrow(rows, user=user)

    def narrow(self, rows: QuerySet[Conversation], *, user: User) -> QuerySet[Conversation]:
        """Those of `rows` that pass the filters."""
        for known in all_filters():
            if value := self.chosen.get(known.name):
                rows = known.narrow(rows, value)
        return rows.filter(is_unread(user)) if self.is_unread else rows


def is_unread(user: User) -> Q:
    """The condition that the person wrote after `user` last looked."""
    return Q(~Q(listing__marks__contains=[seen_by(user.pk)]), listing__at__isnull=False)


@dataclass
class Row:
    """One line of the inbox."""

    conversation: Conversation
    last: Message | None = None
    reading: Reading | None = None
    has_suggestion: bool = False
    is_unread: bool = False


def page(view: View, *, user: User, now: datetime, after: str = "", limit: int = PAGE_SIZE) -> tuple[list[Row], str]:
    """One page of a view and the key of the next one. `after` is `<ISO time>_<id>` of the last row before."""
    name, is_descending = view.order.lstrip("-"), view.order.startswith("-")
    key = F(name) if name in {"waiting_since", "updated_at", "snoozed_until"} else Coalesce(name, "created_at")
    if name == "last_inbound_at" and (view.search or view.queue.name in {"all", "closed", "lead"}):
        key = F("listing__at" if view.is_unread or view.chosen else name)  # the same; its index has the marks beside it
    rows = view.rows(user=user, now=now).select_related("lead__company", "assigned_to")
    place = _parse_key(after)
    if view.search:
        found = _found(rows, view.search, place, is_descending=is_descending, limit=limit + 1)
    else:
        found = list(_ordered(rows.annotate(sort_key=key), place, is_descending=is_descending)[: limit + 1])
    following = ""
    if len(found) > limit:
        last = found[limit - 1]
        following = f"{last.sort_key.isoformat()}_{last.pk}"
    return dressed(found[:limit], user=user), following


Rows = TypeVar("Rows", bound="QuerySet[Any]")
Place = tuple[datetime, int] | None


def _ordered(rows: Rows, place: Place, *, is_descending: bool, key: str = "sort_key") -> Rows:
    """In the order of `key`, from behind `place` on."""
    beyond = "lt" if is_descending else "gt"
    if place:
        at, pk = place
        behind = Q(**{f"{key}__{beyond}": at}) | Q(**{key: at, f"pk__{beyond}": pk})
        rows = rows.filter(behind, **{f"{key}__{beyond}e": at})  # the second is what an index can begin at
    return rows.order_by(f"-{key}", "-pk") if is_descending else rows.order_by(key, "pk")


def _found(rows: QuerySet[Conversation], search: str, place: Place, *, is_descending: bool, limit: int) -> list[Any]:
    """What a search finds among `rows`, in the order of the last messages. Fast for any word, with two plans that each bound the work.

    A common word is among the newest of them: those are read in order, as far as `WALK`. A word that fills no page
    from there is rare, and the index of words has few rows for it: they are fetched and sorted. A single statement
    leaves the choice to estimates, which are wrong for beginnings of words, and takes seconds. Both find keys; only
    what is shown is joined with its lead.
    """
    query = search_query(search)
    if query is None:
        return []
    bare = rows.order_by().select_related(None)
    near, at = bare.annotate(sort_key=F("listing__at")), place
    keys: list[int] = []
    for steps in WALK:
        nearest = list(_ordered(near, at, is_descending=is_descending).values_list("sort_key", "pk")[:steps])
        texts = Listing.objects.filter(pk__in=[pk for _at, pk in nearest])
        walked = texts.annotate(text=Coalesce("words", "words")).filter(text=query)  # read, not looked up
        keys += _ordered(walked, None, is_descending=is_descending, key="at").values_list("pk", flat=True)[:limit]
        if len(keys) >= limit or len(nearest) < steps:
            break
        at = nearest[-1]
    else:
        fetched = bare.filter(listing__words=query)
        fetched = fetched.annotate(sort_key=Coalesce("listing__at", "listing__at"))  # an order that no index has
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)")
            ordered = _ordered(fetched, place, is_descending=is_descending)
            keys = list(ordered.values_list("pk", flat=True)[:limit])
    shown = rows.filter(pk__in=keys[:limit]).annotate(sort_key=F("listing__at"))
    return list(_ordered(shown, None, is_descending=is_descending))


def _parse_key(after: str) -> tuple[datetime, int] | None:
    at, separator, pk = after.rpartition("_")
    try:
        return (datetime.fromisoformat(at.replace(" ", "+")), int(pk)) if separator else None
    except ValueError:
        return None


def dressed(conversations: Sequence[Conversation], *, user: User) -> list[Row]:
    """The lines of `conversations`: their last message, how the last reply was read, what is drafted."""
    keys = [c.pk for c in conversations]
    lasts = {
        m.conversation_id: m
        for m in Message.objects.filter(conversation__in=keys)
        .seen()
        .order_by("conversation_id", "-id")
        .distinct("conversation_id")
    }
    readings = {
        r.message.conversation_id: r
        for r in Reading.objects.filter(message__conversation__in=keys)
        .select_related("message")
        .order_by("message__conversation_id", "-message_id", "-id")
        .distinct("message__conversation_id")
    }
    proposed = set(
        Suggestion.objects.proposed().filter(conversation__in=keys).values_list("conversation_id", flat=True)
    )
    unread = set(Conversation.objects.filter(is_unread(user), pk__in=keys).values_list("pk", flat=True))
    return [Row(c, lasts.get(c.pk), readings.get(c.pk), c.pk in proposed, c.pk in unread) for c in conversations]


def counts(view: View, *, user: User, now: datetime, cap: int = COUNT_CAP) -> dict[str, int]:
    """How many conversations each queue holds with the filters of `view`, up to `cap`.

    Each queue is read up to `cap`. Filters that leave out much may have one read to its end for nothing; with such, all
    that pass them are read once, for all queues together.
    """
    if _leaves_out_much(view, user=user):
        asked = {name: Count("pk", filter=queue.condition(user, now)) for name, queue in QUEUES.items()}
        found = view.narrow(Conversation.objects.order_by(), user=user).aggregate(**asked)
    else:
        parts = [
            view.narrow(queue.rows(user, now), user=user)
            .annotate(queue_name=Value(name, output_field=TextField()))
            .values_list("queue_name", flat=True)[:cap]
            for name, queue in QUEUES.items()
        ]
        found = Counter(parts[0].union(*parts[1:], all=True))
    return {name: min(found[name], cap) for name in QUEUES}


def _leaves_out_much(view: View, *, user: User) -> bool:
    """Whether more than a quarter of the newest conversations do not pass the filters."""
    if not (view.is_unread or view.chosen):
        return False
    newest = Listing.objects.filter(at__isnull=False).order_by("-at", "-pk").values("pk")[:SAMPLE]
    passing = view.narrow(Conversation.objects.filter(pk__in=newest), user=user).count()
    return passing < 3 * SAMPLE / 4
