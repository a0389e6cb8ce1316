"""What reviewers see: drafts grouped by lead and message, with risk and flags in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, QuerySet
from django.urls import reverse
from django.utils.functional import Promise

from campaigns.drafts.likeness import Piece, split
from campaigns.drafts.models import DRAFT, Draft, Revision
from campaigns.models import CANDIDATE, Candidate
from campaigns.review.wording import (
    fact_name,
    fact_source,
    fact_text,
    flag_sentence,
    length_words,
    odd_sentence,
    odd_words,
    risk_words,
)
from leads.models import Lead
from leads.selectors import ids_found
from outreach.core.words import gettext as _

PAGE_SIZE = 5
"""Leads a page; each has one card for every variant of every step that matches."""


@dataclass(frozen=True)
class Filters:
    """What to show. Empty means all."""

    campaign_id: int | None = None
    state: str = ""
    min_risk: float | None = None
    variant: str = ""
    language: str = ""
    company: str = ""
    is_flagged: bool = False
    is_edited: bool = False
    step: int | None = None
    reviewer_id: int | None = None
    """Assigned to this user; 0 for those assigned to nobody."""


@dataclass(frozen=True)
class UsedFact:
    """A fact in a text, in words."""

    name: str
    value: str
    source: str


@dataclass(frozen=True)
class Card:
    """One draft as it is shown."""

    draft: Draft
    pk: str
    version: str
    pick: str
    """What a ticked box says: id and version seen."""
    choose: str
    url: str
    risk: str | Promise
    risk_colour: str
    flags: list[str]
    facts: list[tuple[str, str]]
    proposal: Revision | None
    trace: str
    is_template: bool
    because: str
    editor: str
    approver: str
    rule: str
    is_open: bool
    is_approved: bool
    is_rejected: bool
    state_label: str | Promise
    state_colour: str
    subject_pieces: list[Piece]
    body_pieces: list[Piece]
    """The text, with the facts in it named."""
    length: str

    @property
    def may_use(self) -> list[UsedFact]:
        """Every fact that a text to this person could draw on: our own first, then what is known of them."""
        return [
            UsedFact(fact_name(fact["name"]), fact_text(fact), fact_source(fact["id"])) for fact in self.draft.facts
        ]


@dataclass
class Group:
    """All variants of one message to one lead."""

    candidate: Candidate
    lead: Lead
    company: str
    address: str
    step: Any
    cards: list[Card] = field(default_factory=list)

    @property
    def first(self) -> Draft:
        """The draft by which the message is known."""
        return self.cards[0].draft

    @property
    def facts(self) -> list[UsedFact]:
        """What the variants say about the lead, each once, with where it is known from."""
        found = {fact["id"]: fact for card in self.cards for fact in card.draft.facts if not fact.get("is_trusted")}
        return [UsedFact(fact_name(fact["name"]), fact_text(fact), fact_source(fact["id"])) for fact in found.values()]

    @property
    def target(self) -> str:
        """The element of the page that an answer replaces."""
        return f"#group-{self.key}"

    @property
    def key(self) -> str:
        return f"{self.candidate.pk}-{self.step.pk}"


@dataclass(frozen=True)
class Page:
    groups: list[Group]
    next_after: int | None


def matching(filters: Filters) -> QuerySet[Draft]:
    """The drafts that `filters` select, unordered."""
    rows = Draft.objects.all()
    if filters.campaign_id:
        rows = rows.filter(step__campaign_id=filters.campaign_id)
    if filters.state:
        rows = rows.filter(state=filters.state)
    else:
        rows = rows.exclude(state=DRAFT.SUPERSEDED)
    if filters.min_risk is not None:
        rows = rows.filter(risk__gte=filters.min_risk)
    if filters.variant:
        rows = rows.filter(variant=filters.variant)
    if filters.language:
        rows = rows.filter(language=filters.language)
    if filters.company:
        rows = rows.filter(candidate__lead_id__in=ids_found(filters.company))
    if filters.is_flagged:
        rows = rows.exclude(flags=[])
    if filters.is_edited:
        rows = rows.filter(edited_by__isnull=False)
    if filters.step:
        rows = rows.filter(step__number=filters.step)
    if filters.reviewer_id is not None:
        rows = rows.filter(reviewer=filters.reviewer_id or None)
    return rows


def review_page(filters: Filters, *, after: int = 0, limit: int = PAGE_SIZE) -> Page:
    """One page of leads with their matching drafts; `after` is the last candidate id of the page before."""
    candidates = Candidate.objects.filter(
        Exists(matching(filters).filter(candidate=OuterRef("pk")).order_by()), pk__gt=after
    )
    if filters.campaign_id:
        candidates = candidates.filter(campaign_id=filters.campaign_id)
    ids = list(candidates.order_by("pk").values_list("pk", flat=True)[: limit + 1])
    shown = ids[:limit]
    groups = grouped(matching(filters).filter(candidate__in=shown))
    return Page(groups, shown[-1] if len(ids) > limit else None)


def grouped(rows: QuerySet[Draft]) -> list[Group]:
    """Rows as cards, grouped by lead and step; a fixed number of queries."""
    proposals = Revision.objects.filter(kind=Revision.Kind.PROPOSED, settled_at=None).order_by("-pk")
    people = Lead.objects.select_related("company").prefetch_related("identities")
    rows = (
        rows.annotate(
            trace_id=F("interaction__trace_id"),
            provider=F("interaction__provider"),
            parameters=F("interaction__parameters"),
            editor=F("edited_by__username"),
            approver=F("approved_by__username"),
            rule=F("approval_rule__name"),
        )
        .select_related("candidate", "step")
        .defer("generated_subject", "generated_body")
        .prefetch_related(
            Prefetch("candidate__lead", people),
            Prefetch("revisions", proposals, to_attr="open_proposals"),
        )
        .order_by("candidate_id", "step__number", "pk")
    )
    groups: dict[tuple[int, int], Group] = {}
    prefix = reverse("drafts:queue")
    for draft in rows:
        key = (draft.candidate_id, draft.step_id)
        if key not in groups:
            groups[key] = _group(draft)
        groups[key].cards.append(card(draft, prefix))
    return list(groups.values())


def group_of(draft: Draft) -> Group:
    """The whole message of `draft`: all variants, including superseded ones."""
    return grouped(Draft.objects.filter(candidate=draft.candidate_id, step=draft.step_id))[0]


def waiting_group(draft: int, *, variant: str = "") -> Group:
    """The message of draft number `draft` with the variants that wait for a person; only `variant` where it is given."""
    # within the next query this one is slow to plan
    candidate, step = Draft.objects.values_list("candidate", "step").get(pk=draft)
    rows = Draft.objects.to_review().filter(candidate=candidate, step=step)
    return grouped(rows.filter(variant=variant) if variant else rows)[0]


def _group(draft: Draft) -> Group:
    lead = draft.candidate.lead
    return Group(
        candidate=draft.candidate,
        lead=lead,
        company=lead.company.name if lead.company else "",
        address=lead.address(draft.step.channel),
        step=draft.step,
    )


def card(draft: Any, prefix: str) -> Card:
    """One draft (a row of `grouped`) with its display texts; its pages are below `prefix`."""
    odd = draft.odd_values()
    words, colour = odd_words() if odd and not draft.risk else risk_words(draft.risk)
    theirs = [fact for fact in draft.facts if fact["value"] and not fact.get("is_trusted")]
    named = {fact_name(fact["name"]): fact["value"] for fact in theirs}
    state = DRAFT.states[draft.state]
    proposals: list[Revision] = getattr(draft, "open_proposals", [])
    return Card(
        draft=draft,
        pk=str(draft.pk),
        version=str(draft.version),
        pick=f"{draft.pk}:{draft.version}",
        choose=_("Choose %(variant)s") % {"variant": draft.variant},
        url=f"{prefix}{draft.pk}/",
        risk=words,
        risk_colour=colour,
        flags=[
            *map(flag_sentence, draft.flags),
            *(odd_sentence(name, draft.values[name]) for name in odd),
        ],
        facts=[(fact_name(fact["name"]), fact_text(fact)) for fact in draft.facts if not fact.get("is_trusted")],
        proposal=proposals[0] if proposals else None,
        trace=reverse("traces:detail", args=[draft.trace_id]),
        is_template=draft.provider == "builtin",
        because=str((draft.parameters or {}).get("because", "")),
        editor=draft.editor or "",
        approver=draft.approver or "",
        rule=draft.rule or "",
        is_open=draft.is_undecided,
        is_approved=draft.is_approved,
        is_rejected=draft.is_rejected,
        state_label=state.label,
        state_colour=state.colour,
        subject_pieces=split(draft.subject, named),
        body_pieces=split(draft.body, named),
        length=length_words(draft.step.channel, draft.body),
    )


def state_counts(campaign_id: int | None) -> dict[str, int]:
    """Messages by the state of their drafts: the variants of one message in one state count once."""
    rows = Draft.objects.current()
    if campaign_id:
        rows = rows.filter(step__campaign_id=campaign_id)
    counts: Counter[str] = Counter()
    messages = rows.order_by().values("state", "step").annotate(count=Count("candidate", distinct=True))
    for row in messages:
        counts[row["state"]] += row["count"]
    return counts


def problems(campaign_id: int, *, limit: int = 50) -> Iterable[Candidate]:
    """Candidates that no draft could be made for, with the reason."""
    rows = Candidate.objects.filter(campaign_id=campaign_id, stage__in=CANDIDATE.unapproved).exclude(problem="")
    return rows.select_related("lead").order_by("pk")[:limit]
