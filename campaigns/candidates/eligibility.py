# ruff: noqa: S608  (made of the registry's columns and this room's own texts; values are parameters)
"""Who can be written to at all, as SQL: shared by frozen audiences and live sets. Pure."""

from __future__ import annotations

CHANNELS = ("email", "sms", "network")


def has_address(channel: str, lead: str = "l.id") -> str:
    """A usable address on `channel`. `channel` is one of `CHANNELS` or a parameter in the text."""
    return (
        f"EXISTS (SELECT 1 FROM leads_identity i WHERE i.lead_id = {lead} AND i.channel = {channel}"
        " AND i.status <> 'invalid')"
    )


def is_suppressed(channel: str, lead: str = "l.id") -> str:
    """An opt-out, bounce or block in force for the lead, one of its addresses, or an address's domain or its parents."""
    domain = "split_part(i.address, '@', 2)"
    parent = f"substr({domain}, strpos({domain}, '.') + 1)"
    return (
        f"(EXISTS (SELECT 1 FROM consent_suppression s WHERE s.lifted_at IS NULL AND s.lead_id = {lead}"
        f" AND s.channel IN ('', {channel}))"
        " OR EXISTS (SELECT 1 FROM leads_identity i JOIN consent_suppression s ON s.lifted_at IS NULL"
        " AND s.address <> '' AND s.address = i.address AND s.channel IN ('', i.channel)"
        f" WHERE i.lead_id = {lead} AND i.channel = {channel})"
        " OR EXISTS (SELECT 1 FROM leads_identity i JOIN consent_suppression s ON s.lifted_at IS NULL"
        f" AND s.domain <> '' AND s.domain IN ({domain}, {parent}) AND s.channel IN ('', i.channel)"
        f" WHERE i.lead_id = {lead} AND i.channel = {channel}))"
    )


def is_eligible(channel: str, lead: str = "l.id") -> str:
    """Has an address and is not suppressed."""
    return f"({has_address(channel, lead)} AND NOT {is_suppressed(channel, lead)})"
