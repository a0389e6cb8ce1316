"""May we write to this person? The one rule for who is suppressed, as SQL over messages, given recipients and leads.

`SuppressionQuerySet.covering` asks the same of one recipient. A suppression covers somebody in one of four ways
(`Way`); each is looked up by its own index, so every query is a conjunction of NOT EXISTS, never one big OR.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.db.models import Value

from conversations.consent.models import Suppression
from leads.models import Identity
from outreach.core import secrets


class Way(StrEnum):
    """How a suppression recognises what it covers; the value is its column."""

    LEAD = "lead_id"
    ADDRESS = "address"
    DIGEST = "address_digest"
    DOMAIN = "domain"


ALL_WAYS = frozenset(Way)
_TABLE = Suppression._meta.db_table


@dataclass(frozen=True)
class Recipient:
    """Who a row is about: SQL expressions."""

    channel: str
    lead: str
    address: str
    digest: str
    domains: str
    """An array: `domain_chain` of the address."""

    def covered(self, way: Way, alias: str = "u") -> str:
        """The condition under which the suppression `alias` is in force for this recipient, in this way."""
        value = {
            Way.LEAD: self.lead,
            Way.ADDRESS: self.address,
            Way.DIGEST: self.digest,
            Way.DOMAIN: f"ANY({self.domains})",
        }[way]
        is_given = "" if way is Way.LEAD else f" AND {alias}.{way} <> ''"
        in_force = f"{alias}.lifted_at IS NULL AND {alias}.channel IN ('', {self.channel})"
        return f"{in_force} AND {alias}.{way} = {value}{is_given}"


MESSAGE_ROW = Recipient(
    channel="m.channel",
    lead="m.lead_id",
    address="m.address",
    digest="m.address_digest",
    domains="%(domains)s::text[]",
)
"""The row `m` of messages; the parameter `domains` is `domain_chain` of its address."""


def covers(recipient: Recipient, alias: str = "u") -> str:
    """The condition under which the suppression `alias` covers `recipient`, in any way."""
    return "(" + " OR ".join(f"({recipient.covered(way, alias)})" for way in Way) + ")"


def not_suppressed(recipient: Recipient, further: str = "") -> str:
    """Nothing covers `recipient`; with `further` (SQL over `u`): nothing that also meets it."""
    return (
        "("
        + " AND ".join(f"NOT EXISTS (SELECT 1 FROM {_TABLE} u WHERE {recipient.covered(way)}{further})" for way in Way)
        + ")"
    )


def suppressed_lead(channel: str, lead: str = "l.id", *, ways: Collection[Way] = ALL_WAYS) -> str:
    """Whether something covers the lead, or one of its addresses on `channel` (SQL: a quoted name or a parameter).

    `ways` only leaves out what `ways_in_use` did not find.
    """
    who = Recipient(
        channel="i.channel",
        lead=lead,
        address="i.address",
        digest=digest_sql("i.address") if Way.DIGEST in ways else "",
        domains=domain_chain_sql("i.address"),
    )
    itself = Recipient(channel, lead, "", "", "").covered(Way.LEAD)
    found = [f"EXISTS (SELECT 1 FROM {_TABLE} u WHERE {itself})"]
    found += [
        f"EXISTS (SELECT 1 FROM {Identity._meta.db_table} i JOIN {_TABLE} u ON {who.covered(way)}"
        f" WHERE i.lead_id = {lead} AND i.channel = {channel})"
        for way in Way
        if way in ways and way is not Way.LEAD
    ]
    return f"({' OR '.join(found)})"


def ways_in_use() -> frozenset[Way]:
    """The ways that are worth looking at for many leads: a block of a domain, or a digest without its address, is rare.

    A digest counts where the address is gone (erased); elsewhere the address itself finds the same row.
    """
    blocked = Suppression.objects.in_force().exclude(domain="")
    erased = Suppression.objects.in_force().filter(address="").exclude(address_digest="")
    found = blocked.order_by().values_list(Value(Way.DOMAIN))[:1]
    rare = found.union(erased.order_by().values_list(Value(Way.DIGEST))[:1])
    return frozenset({Way.LEAD, Way.ADDRESS, *(Way(name) for (name,) in rare)})


def suppressed_places(recipients: Collection[tuple[int, str, int, str, str]]) -> set[int]:
    """Which of many recipients something covers: their places, of (place, channel, lead id, address, digest)."""
    if not recipients:
        return set()
    given = Recipient("g.channel", "g.lead_id", "g.address", "g.digest", domain_chain_sql("g.address"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT g.place FROM unnest(%s::int[], %s::text[], %s::bigint[], %s::text[], %s::text[])"
            f" AS g(place, channel, lead_id, address, digest) WHERE NOT {not_suppressed(given)}",
            [list(column) for column in zip(*recipients, strict=True)],
        )
        return {place for (place,) in cursor.fetchall()}


def leads_by_digest(digests: Collection[str]) -> list[int]:
    """The leads with an address that only its keyed hash recognises: it was erased, and is here again.

    Looks at every address, so this is for a single act of a person.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT i.lead_id FROM {Identity._meta.db_table} i WHERE {digest_sql('i.address')} = ANY(%s)",
            [list(digests)],
        )
        return [lead_id for (lead_id,) in cursor.fetchall()]


def domain_chain_sql(address: str) -> str:
    """`domain_chain` of the SQL expression `address`."""
    labels = f"string_to_array(lower(rtrim(split_part({address}, '@', 2), '.')), '.')"
    return (
        f"ARRAY(SELECT array_to_string((d.labels)[n:], '.') FROM (SELECT {labels} AS labels) d,"
        " generate_series(1, cardinality(d.labels) - 1) n)"
    )


def digest_sql(address: str) -> str:
    """`address_digest` of the SQL expression `address`: HMAC-SHA-256 by RFC 2104, from the two padded keys."""
    inner, outer = (f"'\\x{pad.hex()}'::bytea" for pad in secrets.address_pads())
    return f"encode(sha256({outer} || sha256({inner} || convert_to({address}, 'UTF8'))), 'hex')"
