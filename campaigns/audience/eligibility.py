# ruff: noqa: S608  (made of the registry's columns and this room's own texts; values are parameters)
"""Who can be written to at all, as SQL: shared by frozen audiences and live sets. Pure."""

from __future__ import annotations


def has_address(channel: str, lead: str = "l.id") -> str:
    """A usable address on `channel` (SQL: a quoted name or a parameter).

    A scalar subquery and not EXISTS, so that the planner looks it up lead by lead and joins no table of addresses.
    """
    return (
        f"coalesce((SELECT true FROM leads_identity i WHERE i.lead_id = {lead} AND i.channel = {channel}"
        " AND i.status <> 'invalid' LIMIT 1), false)"
    )


ANY_DOMAIN = "EXISTS (SELECT 1 FROM consent_suppression WHERE lifted_at IS NULL AND domain <> '')"
"""Whether a whole domain is blocked at all: where none is, looking for it costs a join a lead for nothing."""


def is_suppressed(channel: str, lead: str = "l.id", *, with_domains: bool = True) -> str:
    """An opt-out, bounce or block in force for the lead, one of its addresses, or an address's domain or its parent."""
    domain = "split_part(i.address, '@', 2)"
    parent = f"substr({domain}, strpos({domain}, '.') + 1)"
    blocked = (
        "EXISTS (SELECT 1 FROM leads_identity i JOIN consent_suppression s ON s.lifted_at IS NULL"
        f" AND s.domain <> '' AND s.domain IN ({domain}, {parent}) AND s.channel IN ('', i.channel)"
        f" WHERE i.lead_id = {lead} AND i.channel = {channel})"
    )
    return (
        f"(EXISTS (SELECT 1 FROM consent_suppression s WHERE s.lifted_at IS NULL AND s.lead_id = {lead}"
        f" AND s.channel IN ('', {channel}))"
        " OR EXISTS (SELECT 1 FROM leads_identity i JOIN consent_suppression s ON s.lifted_at IS NULL"
        " AND s.address <> '' AND s.address = i.address AND s.channel IN ('', i.channel)"
        f" WHERE i.lead_id = {lead} AND i.channel = {channel})"
        f"{f' OR {blocked}' if with_domains else ''})"
    )


def is_eligible(channel: str, lead: str = "l.id", *, with_domains: bool = True) -> str:
    """Has an address and is not suppressed. `with_domains` False only where `ANY_DOMAIN` was found false."""
    return f"({has_address(channel, lead)} AND NOT {is_suppressed(channel, lead, with_domains=with_domains)})"
