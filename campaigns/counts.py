"""Every number of a campaign, defined once, for Home, lists, pages, reports, the API and commands.

- *audience*: people in the campaign, without those who were taken out before anything was sent to them.
- *qualified*, *drafted*, *approved*: people who came at least that far.
- *contacted*: people that at least one message of the campaign was sent to; a message that bounced did leave.
- *replied*: people who wrote an answer themselves, also a no or an opt-out; never a bounce or an automatic reply.
- *positive*, *information*, *negative*: how their answers were read. *booked*: a call. *held*: a call that took place.
- *opted_out*: by reply or link.
- *delivered*, *opened*, *clicked*, *bounced*: people with a message of which that was reported.
- *won*: people that the campaign has won, by a booked call or by hand.
- *to review*: messages that wait for a person; the variants of one message are one decision.

A cohort counts what came of the messages that left in a period, whenever it came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate, TruncWeek

from campaigns.drafts.models import Draft, DraftQuerySet
from campaigns.models import CANDIDATE, Candidate, Outcome
from conversations.models import MESSAGE, Message

FACTS = (
    "delivered",
    "bounced",
    "opened",
    "clicked",
    "replied",
    "positive",
    "information",
    "negative",
    "booked",
    "held",
    "opted_out",
)
"""Kinds of outcomes that are counted, each person once."""


def sent_messages() -> QuerySet[Message]:
    """The messages of campaigns that left."""
    return (
        Message.objects.outgoing()
        .filter(state__in=MESSAGE.proven, draft__isnull=False, sent_at__isnull=False)
        .order_by()
    )


def was_contacted() -> Exists:
    """Condition on candidates: at least one message left to them."""
    return Exists(sent_messages().filter(draft__candidate=OuterRef("pk")))


def valued() -> QuerySet[Outcome]:
    """What has a value: wins, and the booked calls of people whose win has none."""
    win = Outcome.objects.filter(candidate=OuterRef("candidate"), kind=Outcome.Kind.WON, value__isnull=False)
    is_counted = Q(kind=Outcome.Kind.WON) | Q(~Exists(win), kind=Outcome.Kind.BOOKED)
    return Outcome.objects.filter(is_counted, value__isnull=False).order_by()


def has(kind: str) -> Exists:
    """Condition on candidates: they have an outcome of this kind."""
    return Exists(Outcome.objects.filter(candidate=OuterRef("pk"), kind=kind))


def came_as_far_as(name: str) -> Q:
    """Condition on candidates: the number `name` counts them. Raises `KeyError` for an unknown one."""
    if name == "contacted":
        return Q(was_contacted())
    if name in FACTS:
        return Q(has(name))
    if name == "won":
        return Q(stage=CANDIDATE.WON)
    stages = {
        "audience": CANDIDATE.members,
        "qualified": CANDIDATE.accepted,
        "drafted": CANDIDATE.drafted_once,
        "approved": CANDIDATE.approved_once,
    }
    return Q(stage__in=stages[name]) | Q(was_contacted())


@dataclass(frozen=True)
class Numbers:
    """The numbers of a campaign, or of all campaigns that have something in common."""

    stages: Mapping[str, int] = field(default_factory=dict)
    """People by present stage."""
    contacted_stages: Mapping[str, int] = field(default_factory=dict)
    """People that a message was sent to, by present stage."""
    messages: int = 0
    """Messages that left."""
    facts: Mapping[str, int] = field(default_factory=dict)

    def _in(self, stages: Iterable[str]) -> int:
        """People in `stages`, and those written to who have left them since."""
        names = set(stages)
        beyond = sum(n for stage, n in self.contacted_stages.items() if stage not in names)
        return sum(n for stage, n in self.stages.items() if stage in names) + beyond

    @property
    def audience(self) -> int:
        return self._in(CANDIDATE.members)

    @property
    def qualified(self) -> int:
        return self._in(CANDIDATE.accepted)

    @property
    def drafted(self) -> int:
        return self._in(CANDIDATE.drafted_once)

    @property
    def approved(self) -> int:
        return self._in(CANDIDATE.approved_once)

    @property
    def contacted(self) -> int:
        return sum(self.contacted_stages.values())

    @property
    def won(self) -> int:
        return self.stages.get(CANDIDATE.WON, 0)

    def fact(self, kind: str) -> int:
        """How many people have an outcome of this kind."""
        return self.facts.get(kind, 0)

    @property
    def replied(self) -> int:
        return self.fact("replied")

    def as_dict(self) -> dict[str, int]:
        """Everything by name, for API and commands."""
        people = {
            "audience": self.audience,
            "qualified": self.qualified,
            "drafted": self.drafted,
            "approved": self.approved,
            "messages": self.messages,
            "contacted": self.contacted,
        }
        return people | {kind: self.fact(kind) for kind in FACTS} | {"won": self.won}


def numbers(by: str = "campaign", people: QuerySet[Candidate] | None = None) -> dict[Any, Numbers]:
    """The numbers of `people` (everyone) by a column of candidates: three grouped queries, however many there are."""
    chosen = Candidate.objects.all() if people is None else people
    theirs = {} if people is None else {"candidate__in": chosen.order_by().values("pk")}
    stages: dict[Any, dict[str, int]] = defaultdict(dict)
    for key, stage, n in chosen.order_by().values_list(F(by), "stage").annotate(n=Count("pk")):
        stages[key][stage] = n
    facts: dict[Any, dict[str, int]] = defaultdict(dict)
    outcomes = Outcome.objects.filter(**theirs, kind__in=FACTS).order_by()
    for key, kind, n in outcomes.values_list(F(f"candidate__{by}"), "kind").annotate(
        n=Count("candidate", distinct=True)
    ):
        facts[key][kind] = n
    contacted: dict[Any, dict[str, int]] = defaultdict(dict)
    messages: dict[Any, int] = defaultdict(int)
    sent = sent_messages().filter(**{f"draft__{name}": ids for name, ids in theirs.items()})
    columns = sent.values_list(F(f"draft__candidate__{by}"), "draft__candidate__stage")
    for key, stage, people_count, message_count in columns.annotate(
        p=Count("draft__candidate", distinct=True), m=Count("pk")
    ):
        contacted[key][stage] = people_count
        messages[key] += message_count
    return {key: Numbers(found, contacted[key], messages[key], facts[key]) for key, found in stages.items()}


def by_campaign(ids: Iterable[int]) -> dict[int, Numbers]:
    """The numbers of each of these campaigns; one without people has none."""
    wanted = list(ids)
    found = numbers("campaign", Candidate.objects.filter(campaign__in=wanted))
    return {pk: found.get(pk, Numbers()) for pk in wanted}


def joined(parts: Iterable[Numbers]) -> Numbers:
    """The numbers of people who have no one in common."""
    found = list(parts)

    def add(mappings: Iterable[Mapping[str, int]]) -> dict[str, int]:
        sums: dict[str, int] = defaultdict(int)
        for mapping in mappings:
            for name, n in mapping.items():
                sums[name] += n
        return dict(sums)

    return Numbers(
        add(one.stages for one in found),
        add(one.contacted_stages for one in found),
        sum(one.messages for one in found),
        add(one.facts for one in found),
    )


def total(people: QuerySet[Candidate] | None = None) -> Numbers:
    """Everyone together: a person in two campaigns counts once a campaign."""
    return joined(numbers("campaign", people).values())


def waiting_drafts(drafts: DraftQuerySet | None = None) -> DraftQuerySet:
    """Drafts that wait for a person; those of people who are out of their campaign wait for nobody."""
    rows = Draft.objects.all() if drafts is None else drafts
    return rows.to_review().exclude(candidate__stage__in=CANDIDATE.out).order_by()


def to_review_by_campaign(drafts: DraftQuerySet) -> dict[int, int]:
    """How many messages wait for a person, by campaign; none without one that waits."""
    found: dict[int, int] = defaultdict(int)
    for (campaign, _step), n in _people_to_review(drafts, "step__campaign", "step").items():
        found[campaign] += n
    return dict(found)


def review_by_campaign(ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Messages that wait for a person, and people with such a message, of each of these campaigns that has one."""
    drafts = Draft.objects.filter(step__campaign__in=list(ids))
    found: dict[int, list[int]] = defaultdict(list)
    for (campaign, _step), n in _people_to_review(drafts, "step__campaign", "step").items():
        found[campaign].append(n)
    people = {campaign: counted[0] for campaign, counted in found.items()}
    if several := [campaign for campaign, counted in found.items() if len(counted) > 1]:
        more = _people_to_review(drafts.filter(step__campaign__in=several), "step__campaign")
        people |= {campaign: n for (campaign,), n in more.items()}
    return {campaign: (sum(counted), people[campaign]) for campaign, counted in found.items()}


def _people_to_review(drafts: DraftQuerySet, *by: str) -> dict[tuple[int, ...], int]:
    """People with a draft that waits. All are counted by an index alone, then the few who are out of their campaign."""
    rows, people = drafts.to_review().order_by(), Count("candidate", distinct=True)
    found = {tuple(key): n for *key, n in rows.values_list(*by).annotate(n=people)}
    if found:
        for *key, n in rows.filter(candidate__stage__in=CANDIDATE.out).values_list(*by).annotate(n=people):
            found[tuple(key)] -= n
    return {key: n for key, n in found.items() if n}


@dataclass(frozen=True)
class Week:
    """What happened in one week: messages sent, people who replied, people with a positive reply."""

    monday: date
    sent: int = 0
    replied: int = 0
    positive: int = 0


def mondays(weeks: int, *, now: datetime) -> list[date]:
    """The first days of the last `weeks` weeks, the present one last."""
    this = now.date() - timedelta(days=now.weekday())
    return [this - timedelta(weeks=n) for n in reversed(range(weeks))]


def weekly(weeks: int, *, now: datetime, sent: Mapping[date, int] | None = None) -> list[Week]:
    """The last `weeks` weeks, also those without anything; weeks begin on Monday in `now`'s zone. `sent` is how many
    messages left by day, where that is known.
    """
    first = mondays(weeks, now=now)
    start = datetime.combine(first[0], time(), now.tzinfo)
    if sent is None:
        left = sent_messages().filter(sent_at__gte=start).annotate(day=TruncDate("sent_at", tzinfo=now.tzinfo))
        sent = dict(left.values_list("day").annotate(n=Count("pk")))
    found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for day, n in sent.items():
        found[day - timedelta(days=day.weekday())]["sent"] += n
    kinds = (Outcome.Kind.REPLIED, Outcome.Kind.POSITIVE)
    facts = Outcome.objects.filter(kind__in=kinds, occurred_at__gte=start).order_by()
    by_week = facts.annotate(week=TruncWeek("occurred_at", tzinfo=now.tzinfo)).values_list("week", "kind")
    for week, name, n in by_week.annotate(n=Count("candidate", distinct=True)):
        found[week.date()][name] = n
    return [Week(monday, **found[monday]) for monday in first]
