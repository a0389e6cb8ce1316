"""One action for many people or companies: at once when they are few, else as a job with progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import override

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
SLICE = 1_000


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

    def slices(self) -> Iterator[list[int]]:
        """Their ids, oldest first, some thousand at a time; whoever leaves the list through the action is met once."""
        last = 0
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
    count = selection.rows().order_by().values("pk")[: AT_ONCE + 1].count()
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
        total_count=selection.rows().order_by().values("pk").count(),
    )


def apply(
    action: BulkAction,
    selection: Selection,
    *,
    parameters: Mapping[str, Any],
    actor: Actor,
    progress: Callable[[int], None] = lambda _count: None,
    language: str = "",
) -> str:
    """Do it, slice by slice, each in its own transaction; the sentence about what was done."""
    counts: Counter[str] = Counter()
    seen = 0
    for ids in selection.slices():
        with transaction.atomic():
            counts += action.apply(ids, parameters, actor)
        seen += len(ids)
        progress(seen)
    if language:
        with override(language):
            return action.sentence(counts, parameters)
    return action.sentence(counts, parameters)
