"""One action for many people or companies: at once when they are few, else as a job with progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet

from leads.bulk import BulkAction
from leads.directory.listing import KINDS, Listing
from leads.directory.models import ListKind
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.jobs.services import start_job

if TYPE_CHECKING:
    from outreach.access.models import User
    from outreach.jobs.models import Job

AT_ONCE = 500
"""Up to so many rows are handled while the person waits."""
SLICE = 2_000
TOLD = 10_000
"""Up to so many rows the job says how many they are from its start; more are counted by the job itself."""


@dataclass(frozen=True)
class Selection:
    """People or companies ticked one by one, or all that the filters of their list find."""

    ids: tuple[int, ...] = ()
    filters: Mapping[str, str] | None = None
    kind: ListKind = ListKind.PEOPLE

    def rows(self) -> QuerySet[Any]:
        """Those of the selection that are still there."""
        query = KINDS[self.kind].query
        if self.filters is not None:
            return query(**Listing.read(self.kind, self.filters).arguments)
        return query(ids=self.ids) if self.ids else query().none()

    def slices(self, *, after: int = 0) -> Iterator[list[int]]:
        """Their ids beyond `after`, oldest first, some thousand at a time; whoever leaves the list through the action is
        met once.
        """
        last = after
        while ids := list(self.rows().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:SLICE]):
            yield ids
            last = ids[-1]

    def as_json(self) -> dict[str, Any]:
        filters = self.filters if self.filters is None else dict(self.filters)
        return {"ids": list(self.ids), "filters": filters, "kind": self.kind.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Selection:
        return cls(tuple(data["ids"]), data["filters"], ListKind(data["kind"]))


def run(action: BulkAction, selection: Selection, *, parameters: Mapping[str, Any], user: User) -> str | Job:
    """Apply `action`: the sentence about what it did, or the job that does it. Raises `Invalid` for an empty selection."""
    count = selection.rows().order_by().values("pk")[: TOLD + 1].count()
    if not count:
        raise Invalid(KINDS[selection.kind].box, str(KINDS[selection.kind].nothing), code="nothing_selected")
    if count <= AT_ONCE:
        return apply(action, selection, parameters=parameters, actor=Actor.of(user))
    return start_job(
        kind=str(action.label),
        task="leads.directory.tasks.apply_to_many",
        arguments={
            "action": action.name,
            "parameters": dict(parameters),
            "language": user.language,
            **selection.as_json(),
        },
        started_by=user,
        total_count=count if count <= TOLD else None,
    )


@dataclass
class Progress:
    """How far an action has come: the id of the last row that is done, how many are, and what became of them."""

    after: int = 0
    seen: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def apply(
    action: BulkAction,
    selection: Selection,
    *,
    parameters: Mapping[str, Any],
    actor: Actor,
    progress: Progress | None = None,
    keep: Callable[[Progress], None] = lambda _progress: None,
) -> str:
    """Do it, slice by slice, each in its own transaction together with `keep`, so that an action that was killed goes on
    from its `progress`; the sentence about what was done.
    """
    found = progress or Progress()
    for ids in selection.slices(after=found.after):
        with transaction.atomic():
            counts = found.counts + action.apply(ids, parameters, actor)
            found = Progress(ids[-1], found.seen + len(ids), counts)
            keep(found)
    return action.sentence(found.counts, parameters)
