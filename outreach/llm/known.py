"""What is known of a model before it is asked, in one statement: by querysets it took more CPU than the call itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import connection

from outreach.limits.circuit import Snapshot
from outreach.llm.models import CampaignCap, Circuit, ModelLimit, ModelTrait
from outreach.llm.routing import Target


@dataclass(frozen=True)
class Known:
    """`refused` are the parameters that the model doesn't take, the limits what its server's headers said."""

    circuit: Snapshot
    refused: frozenset[str]
    requests_per_minute: int | None
    tokens_per_minute: int | None
    campaign_cap: Decimal | None
    """The cap that was set for the call's campaign alone."""

    def refusing(self, parameter: str) -> Known:
        """The same after one more refusal."""
        return replace(self, refused=self.refused | {parameter})


def read(target: Target, *, campaign_id: int | None) -> Known:
    """What all workers learned of `target` so far."""
    circuit, trait, limit, cap = (model._meta.db_table for model in (Circuit, ModelTrait, ModelLimit, CampaignCap))
    statement = f"""
        SELECT coalesce(c.failures, 0), c.opened_until,
               ARRAY(SELECT refuses FROM {trait} t WHERE t.provider = one.provider AND t.model = one.model),
               l.requests_per_minute, l.tokens_per_minute,
               (SELECT usd FROM {cap} WHERE campaign_id = %s)
        FROM (SELECT %s::text AS provider, %s::text AS model) one
        LEFT JOIN {circuit} c ON c.provider = one.provider
        LEFT JOIN {limit} l ON l.provider = one.provider AND l.model = one.model
    """  # noqa: S608  names of our own tables
    with connection.cursor() as cursor:
        cursor.execute(statement, [campaign_id, target.provider, target.model])
        failures, opened_until, refused, *rest = cursor.fetchone()
    return Known(Snapshot(failures, opened_until), frozenset(refused), *rest)
