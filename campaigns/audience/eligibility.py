# ruff: noqa: S608  (made of the registry's columns and this room's own texts; values are parameters)
"""Who can be written to at all, as SQL: shared by frozen audiences and live sets."""

from __future__ import annotations

from collections.abc import Collection

from conversations.consent.eligibility import ALL_WAYS, Way, suppressed_lead


def has_address(channel: str, lead: str = "l.id") -> str:
    """A usable address on `channel` (SQL: a quoted name or a parameter).

    A scalar subquery and not EXISTS, so that the planner looks it up lead by lead and joins no table of addresses.
    """
    return (
        f"coalesce((SELECT true FROM leads_identity i WHERE i.lead_id = {lead} AND i.channel = {channel}"
        " AND i.status <> 'invalid' LIMIT 1), false)"
    )


def is_eligible(channel: str, lead: str = "l.id", *, ways: Collection[Way] = ALL_WAYS) -> str:
    """Has an address and is not suppressed. `ways` only leaves out what `ways_in_use` did not find."""
    return f"({has_address(channel, lead)} AND NOT {suppressed_lead(channel, lead, ways=ways)})"
