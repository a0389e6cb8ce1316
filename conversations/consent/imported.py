"""Opt-outs, complaints and bounces that an imported list brings along, with the list as evidence."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.consent.services import Target, suppress
from leads.imports.columns.opt_outs import OptOut
from outreach.core.models import Actor


def suppress_imported(opt_outs: Sequence[OptOut], actor: Actor) -> None:
    """Suppress the addresses; each in its own transaction, so that a long list holds no locks."""
    for row in opt_outs:
        suppress(
            Target(channel=row.channel, address=row.address), reason=row.reason, actor=actor, evidence=row.evidence
        )
