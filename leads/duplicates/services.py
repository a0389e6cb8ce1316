"""Find, merge, keep apart, and undo a merge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from leads import changes
from leads.duplicates import detection
from leads.duplicates.models import DUPLICATE, Duplicate, Kind, Merge
from leads.models import Company, Identity, Lead
from leads.services import refresh_content_hashes
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish

PAGE_SIZE = 25
LEAD_FILLED = (
    "first_name", "last_name", "full_name", "name_key", "title", "title_key", "description", "url", "country", "region",
    "city", "postal_code", "time_zone", "language", "status",
)  # fmt: skip
COMPANY_FILLED = (
    "domain", "website", "country", "city", "industry", "segment", "phone", "status", "research_text",
)  # fmt: skip
_TOGETHER = ({"first_name", "last_name", "full_name", "name_key"}, {"title", "title_key"})
_LATEST = ("activity_at", "last_contacted_at", "last_replied_at")


def look_at(*, kind: str, ids: Iterable[int]) -> int:
    """Look for duplicates of these records; returns the number of new pairs."""
    return detection.find(kind=kind, these=detection.THESE, parameters={"ids": list(ids)})


def look_at_batch(*, batch_id: int) -> int:
    """Look for duplicates of what an import created or changed; how many new pairs were found."""
    parameters = {"batch": batch_id}
    people = detection.find(kind=Kind.LEAD, these=detection.LEADS_OF_BATCH, parameters=parameters)
    return people + detection.find(kind=Kind.COMPANY, these=detection.COMPANIES_OF_BATCH, parameters=parameters)


def propose(*, pairs: list[tuple[int, int]], reason: str, score: float = 0.8) -> int:
    """Pairs of people that another room came across; how many are new and likely."""
    return detection.propose(pairs=pairs, reason=reason, score=score)


def queue(*, kind: str = "", state: str = DUPLICATE.OPEN) -> QuerySet[Duplicate]:
    """Pairs to decide (or decided), the surest first."""
    rows = Duplicate.objects.filter(state=state).order_by("-score", "id")
    if kind:
        rows = rows.filter(kind=kind)
    if state == DUPLICATE.OPEN:
        rows = rows.exclude(low_lead__erased_at__isnull=False).exclude(high_lead__erased_at__isnull=False)
        rows = rows.exclude(low_company__merged_into__isnull=False).exclude(high_company__merged_into__isnull=False)
    return rows.select_related("low_lead__company", "high_lead__company", "low_company", "high_company", "merge")


def after(rows: QuerySet[Duplicate], *, score: float, pk: int) -> QuerySet[Duplicate]:
    """The rows of a queue behind the pair with that score and number."""
    return rows.filter(Q(score__lt=score) | Q(score=score, pk__gt=pk))


@transaction.atomic
def keep_apart(*, pair: Duplicate, actor: Actor) -> None:
    """They are two: the pair is never proposed again."""
    DUPLICATE.move(pair, "apart", actor=actor, changes={"decided_by": actor.name, "decided_at": clock.now()})


@transaction.atomic
def reopen(*, pair: Duplicate, actor: Actor) -> None:
    """Propose a pair again that was kept apart; for merged ones see `undo`."""
    if pair.is_merged:
        raise Refused(_("These two are already merged: undo the merge first."), code="duplicate_merged")
    DUPLICATE.move(pair, "open", actor=actor)


def take_back(*, pair: Duplicate, actor: Actor) -> None:
    """Undo a decision. Raises `Refused` when there is none or the merge cannot be undone."""
    if pair.is_merged and pair.merge is not None:
        undo(merge=pair.merge, actor=actor)
    else:
        reopen(pair=pair, actor=actor)


@transaction.atomic
def merge_pair(*, pair: Duplicate, kept_id: int, actor: Actor) -> Merge:
    """Merge the two of a pair into the one with the number `kept_id`."""
    low, high = pair.low, pair.high
    if low is None or high is None or kept_id not in (low.pk, high.pk):
        raise Invalid("kept", _("Choose which of the two to keep."), code="kept_unknown")
    kept, lost = (low, high) if kept_id == low.pk else (high, low)
    if isinstance(kept, Lead) and isinstance(lost, Lead):
        merge = merge_leads(kept=kept, lost=lost, actor=actor)
    else:
        merge = merge_companies(kept=kept, lost=lost, actor=actor)  # type: ignore[arg-type]
    DUPLICATE.move(
        pair, "merged", actor=actor, changes={"decided_by": actor.name, "decided_at": clock.now(), "merge": merge}
    )
    return merge


def _locked(model: Any, kept: Any, lost: Any) -> tuple[Any, Any]:
    if kept.pk == lost.pk:
        raise Invalid("kept", _("A record cannot be merged with itself."), code="kept_unknown")
    rows = {row.pk: row for row in model.objects.select_for_update().filter(pk__in=[kept.pk, lost.pk]).order_by("pk")}
    if len(rows) < 2 or any(getattr(row, "erased_at", None) or row.merged_into_id for row in rows.values()):
        raise Refused(_("One of the two has since been erased or merged."), code="changed_meanwhile")
    return rows[kept.pk], rows[lost.pk]


def _fill(kept: Any, lost: Any, names: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fill the empty fields of `kept` from `lost`: what they were, what they are. Names go together."""
    wanted = {name for name in names if not getattr(kept, name) and getattr(lost, name)}
    for group in _TOGETHER:
        if wanted & group:
            whole = group & set(names)
            wanted = wanted - group if any(getattr(kept, name) for name in whole) else wanted | whole
    changes = {name: getattr(lost, name) for name in wanted}
    if tags := [tag for tag in lost.tags if tag not in kept.tags]:
        changes["tags"] = kept.tags + tags
    if set(lost.attributes) - set(kept.attributes):
        changes["attributes"] = {**lost.attributes, **kept.attributes}
    for name in _LATEST:
        if (other := getattr(lost, name, None)) and (getattr(kept, name) is None or getattr(kept, name) < other):
            changes[name] = other
    before = {name: _stored(getattr(kept, name)) for name in changes}
    for name, value in changes.items():
        setattr(kept, name, value)
    return before, {name: _stored(value) for name, value in changes.items()}


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _loaded(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _LATEST and value else value


@transaction.atomic
def merge_leads(*, kept: Lead, lost: Lead, actor: Actor) -> Merge:
    """Merge `lost` into `kept`: addresses move, empty fields are filled, upper wings follow on `lead.merged`.

    The lost row stays, hidden, so that lists which still name it find the kept one. Raises `Refused` when one of the
    two was erased or merged meanwhile.
    """
    kept, lost = _locked(Lead, kept, lost)
    before, after = _fill(kept, lost, LEAD_FILLED)
    if kept.company_id is None and lost.company_id:
        before["company_id"], after["company_id"] = None, lost.company_id
        kept.company_id = lost.company_id
    kept.save(update_fields=[*(name.removesuffix("_id") for name in after), "updated_at"])
    primary = set(kept.identities.filter(is_primary=True).values_list("channel", flat=True))
    moved = [
        [row.pk, row.is_primary, row.is_primary and row.channel not in primary]
        for row in lost.identities.order_by("pk")
    ]
    for pk, _was, is_primary in moved:
        Identity.objects.filter(pk=pk).update(lead=kept, is_primary=is_primary)
    followers = list(Lead.objects.filter(merged_into=lost).values_list("pk", flat=True))
    Lead.objects.filter(pk__in=followers).update(merged_into=kept)
    Lead.objects.filter(pk=lost.pk).update(merged_into=kept, erased_at=clock.now(), updated_at=clock.now())
    merge = Merge.objects.create(
        kind=Kind.LEAD,
        kept_id=kept.pk,
        lost_id=lost.pk,
        before=before,
        after=after,
        moved={"identities": moved, "followers": followers},
        actor=actor.name,
    )
    refresh_content_hashes([kept.pk])
    changes.record([kept.pk, lost.pk])
    record("lead.merged", subject=kept, actor=actor, data={"lost": lost.pk, "merge": merge.pk})
    record("lead.merged_away", subject=lost, actor=actor, data={"kept": kept.pk, "merge": merge.pk})
    publish("lead.merged", kept_id=kept.pk, lost_id=lost.pk, merge_id=merge.pk)
    publish("lead.changed", lead_id=kept.pk)
    publish("lead.changed", lead_id=lost.pk)
    return merge


@transaction.atomic
def merge_companies(*, kept: Company, lost: Company, actor: Actor) -> Merge:
    """Merge `lost` into `kept`: its people move, empty fields are filled. Raises like `merge_leads`."""
    kept, lost = _locked(Company, kept, lost)
    before, after = _fill(kept, lost, COMPANY_FILLED)
    for name in ("is_sme", "employee_count", "employee_count_max"):
        if getattr(kept, name) is None and getattr(lost, name) is not None:
            before[name], after[name] = None, getattr(lost, name)
            setattr(kept, name, after[name])
    kept.save(update_fields=[*after, "updated_at"])
    people = list(Lead.objects.filter(company=lost).values_list("pk", flat=True))
    Lead.objects.filter(pk__in=people).update(company=kept)
    followers = list(Company.objects.filter(merged_into=lost).values_list("pk", flat=True))
    Company.objects.filter(pk__in=followers).update(merged_into=kept)
    Company.objects.filter(pk=lost.pk).update(merged_into=kept, updated_at=clock.now())
    merge = Merge.objects.create(
        kind=Kind.COMPANY,
        kept_id=kept.pk,
        lost_id=lost.pk,
        before=before,
        after=after,
        moved={"people": people, "followers": followers},
        actor=actor.name,
    )
    _leads_changed(kept)
    record("company.merged", subject=kept, actor=actor, data={"lost": lost.pk, "merge": merge.pk})
    record("company.merged_away", subject=lost, actor=actor, data={"kept": kept.pk, "merge": merge.pk})
    publish("company.merged", kept_id=kept.pk, lost_id=lost.pk, merge_id=merge.pk)
    return merge


def _leads_changed(company: Company) -> None:
    changes.record_companies([company.pk])
    for lead_id in refresh_content_hashes(list(company.leads.values_list("pk", flat=True))):
        publish("lead.changed", lead_id=lead_id)


@transaction.atomic
def undo(*, merge: Merge, actor: Actor) -> None:
    """Undo the merge: what was moved returns, filled fields get their old values unless changed since.

    Raises `Refused` when it was undone already, or when one of the two was erased or merged further since.
    """
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    model: Any = Lead if merge.kind == Kind.LEAD else Company
    kept = model.objects.select_for_update().filter(pk=merge.kept_id).first()
    lost = model.objects.select_for_update().filter(pk=merge.lost_id).first()
    if merge.undone_at:
        raise Refused(_("This merge has already been undone."), code="changed_meanwhile")
    if (
        kept is None
        or lost is None
        or lost.merged_into_id != kept.pk
        or kept.merged_into_id
        or getattr(kept, "erased_at", None)
    ):
        raise Refused(
            _("One of the two has since been erased or merged again: undo the later merge first."),
            code="merge_not_undoable",
        )
    restored = [name for name, value in merge.after.items() if _stored(getattr(kept, name)) == value]
    for name in restored:
        setattr(kept, name, _loaded(name, merge.before[name]))
    kept.save(update_fields=[*(name.removesuffix("_id") for name in restored), "updated_at"])
    model.objects.filter(pk__in=merge.moved.get("followers", [])).update(merged_into=lost.pk)
    if merge.kind == Kind.LEAD:
        for pk, was_primary, _is_primary in merge.moved["identities"]:
            Identity.objects.filter(pk=pk, lead=kept).update(lead=lost, is_primary=was_primary)
        Lead.objects.filter(pk=lost.pk).update(merged_into=None, erased_at=None, updated_at=clock.now())
        refresh_content_hashes([kept.pk, lost.pk])
        changes.record([kept.pk, lost.pk])
    else:
        Lead.objects.filter(pk__in=merge.moved["people"], company=kept).update(company=lost)
        Company.objects.filter(pk=lost.pk).update(merged_into=None, updated_at=clock.now())
        _leads_changed(kept)
        _leads_changed(lost)
    merge.undone_at = clock.now()
    merge.save(update_fields=["undone_at", "updated_at"])
    for pair in Duplicate.objects.filter(merge=merge, state=DUPLICATE.MERGED):
        DUPLICATE.move(pair, "open", actor=actor, reason=_("The merge was undone."))
    record(f"{merge.kind}.unmerged", subject=kept, actor=actor, data={"lost": lost.pk, "merge": merge.pk})
    publish(f"{merge.kind}.unmerged", kept_id=kept.pk, lost_id=lost.pk, merge_id=merge.pk)
    if merge.kind == Kind.LEAD:
        publish("lead.changed", lead_id=kept.pk)
        publish("lead.changed", lead_id=lost.pk)
