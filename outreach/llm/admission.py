"""May this call go out now? Spend caps, calls at once, calls and tokens a minute, counted over all workers.

A limit that passes within seconds is waited for here; what takes longer is the caller's reason to try another model or
to put the work back.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import connection, transaction

from outreach.configuration import Provider
from outreach.core import clock
from outreach.core.words import gettext as _
from outreach.limits.buckets import Share
from outreach.llm import limiting, spending
from outreach.llm.errors import Held
from outreach.llm.known import Known
from outreach.llm.models import CallReservation
from outreach.llm.routing import Target

_LOCK = 7_301_944
PATIENCE = timedelta(seconds=60)
"""How long work in the background waits here for its turn."""
SHORT_PATIENCE = timedelta(seconds=10)
"""The same where a person is waiting."""
SLACK = timedelta(seconds=60)
"""How much longer than its time limit a call counts when its worker died."""


@dataclass(frozen=True)
class Wanted:
    """One call: what it may cost and use at most, and how long it may take."""

    target: Target
    provider: Provider
    amount_usd: Decimal | None
    """None: the model has no known price, so that no cap could hold it."""
    tokens: int
    seconds: float
    campaign_id: int | None
    known: Known


@dataclass(frozen=True)
class Admission:
    """A call that may go out. `reservation` is None where nothing needs it."""

    reservation: CallReservation | None = None
    taken: Sequence[Share] = ()


def admit(wanted: Wanted, *, patience: timedelta) -> Admission | Held:
    """A place for one call, waited for as long as `patience`; `finish` it when the call is over."""
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        outcome = _try(wanted)
        if isinstance(outcome, Admission):
            return outcome
        wait = 0.1 if outcome.is_brief else (outcome.until - clock.now()).total_seconds() if outcome.until else None
        if wait is None or time.monotonic() + wait > deadline:
            return outcome
        time.sleep(max(0.01, wait) + random.random() * 0.1)  # noqa: S311  spreads the workers, protects nothing


def finish(admission: Admission, *, used_tokens: int | None) -> None:
    """The call is over: its place is free, and what it cost is on its interaction."""
    if admission.reservation is not None:
        CallReservation.objects.filter(pk=admission.reservation.pk).delete()
    limiting.settle(admission.taken, used_tokens=used_tokens)


def unpriced_reason() -> str:
    """Why a model without a known price isn't asked under a spend cap."""
    return _(
        "it has no known price, so a spend cap could not hold it. Set its price, or say that it is free, under Settings → Models"
    )


def _try(wanted: Wanted) -> Admission | Held:
    now = clock.now()
    caps = spending.caps_for(wanted.campaign_id, own=wanted.known.campaign_cap)
    most = wanted.provider.concurrent_calls
    shares = limiting.shares(wanted.target, wanted.provider, wanted.known, tokens=wanted.tokens)
    if caps is None and most is None:
        return limiting.take(wanted.target, shares, now=now) or Admission(taken=shares)
    if caps and wanted.amount_usd is None:
        return Held(unpriced_reason())
    amount = wanted.amount_usd or Decimal(0)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        standing = spending.standing(caps, provider=wanted.target.provider, now=now)
        if caps and (capped := spending.over(caps, amount, standing)):
            return capped
        if most is not None and standing.calls >= most:
            return Held(_("its limit of %(number)s calls at once is reached") % {"number": most}, is_brief=True)
        if full := limiting.take(wanted.target, shares, now=now):
            return full
        reservation = CallReservation.objects.create(
            provider=wanted.target.provider,
            campaign_id=wanted.campaign_id,
            amount_usd=amount,
            expires_at=now + timedelta(seconds=wanted.seconds) + SLACK,
        )
    return Admission(reservation, shares)
