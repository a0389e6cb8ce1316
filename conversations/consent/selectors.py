"""Reads over suppressions."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from conversations.consent.digests import normalise
from conversations.consent.models import Suppression
from outreach.core.addresses import EMAIL, SMS
from outreach.core.errors import Invalid
from outreach.core.secrets import address_digest


def search(query: str) -> QuerySet[Suppression]:
    """Suppressions of an address (by its keyed hash, so that erased ones are found too) or a domain; all for no query."""
    rows = Suppression.objects.order_by("-pk")
    text = query.strip()
    if not text:
        return rows
    target = Q(domain=text.lower().removeprefix("@"))
    for channel in (EMAIL, SMS):
        try:
            target |= Q(address_digest=address_digest(normalise(channel, text)))
        except Invalid:
            continue
    return rows.filter(target)
