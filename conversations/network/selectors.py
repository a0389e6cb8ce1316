"""Reads over relations."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.network.models import Relation

ORDER = ("connected", "pending", "ignored", "withdrawn", "none")
"""From the closest relation to none."""


def relation(lead_id: int, *, sender_id: int | None = None) -> str:
    """How far a lead and our senders (or one of them) know each other: the closest state, `none` without any."""
    return relations_of([lead_id], sender_id=sender_id).get(lead_id, "none")


def relations_of(lead_ids: Iterable[int], *, sender_id: int | None = None) -> dict[int, str]:
    """The closest state for each of these leads that has one; one query."""
    rows = Relation.objects.filter(lead_id__in=list(lead_ids))
    if sender_id is not None:
        rows = rows.filter(sender_id=sender_id)
    closest: dict[int, str] = {}
    for lead_id, state in rows.values_list("lead_id", "state"):
        if lead_id not in closest or ORDER.index(state) < ORDER.index(closest[lead_id]):
            closest[lead_id] = state
    return closest
