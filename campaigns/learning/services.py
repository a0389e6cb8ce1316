"""Use cases of nightly learning: one night for all campaigns, and a person's way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction

from campaigns.learning.models import NightKind, WeightNight
from campaigns.learning.outcomes import Contact, contacts, daily_campaigns
from campaigns.learning.steps import step
from campaigns.models import Campaign
from campaigns.scoring import services as scoring
from campaigns.scoring.features import FEATURES
from campaigns.scoring.models import ScoreWeights
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.late import on_one_core
from outreach.core.models import Actor
from outreach.core.words import gettext as _

ACTOR = Actor.system("nightly")
BATCH = 50
"""Campaigns whose night is written together."""


def learn_all() -> int:
    """Tonight's step of every daily campaign that has none yet; returns how many learned. Safe to repeat."""
    now = clock.now()
    done = set(WeightNight.objects.exclude(kind=NightKind.ROLLED_BACK).filter(night=now.date()).values_list("campaign"))
    unlearned = {pk for pk in daily_campaigns() if (pk,) not in done}
    learned = 0
    with on_one_core("scipy.linalg"):
        written_to = ((pk, found) for pk, found in contacts(since=_since(now)) if pk in unlearned)
        while batch := dict(islice(written_to, BATCH)):
            unlearned -= set(batch)
            learned += _learn(batch, now)
        rest = sorted(unlearned)
        for start in range(0, len(rest), BATCH):
            _learn(dict.fromkeys(rest[start : start + BATCH], ()), now)
    return learned


def learn(*, campaign: Campaign) -> WeightNight:
    """Tonight's step of one campaign, made now. Raises `Refused` when it was made already."""
    now = clock.now()
    before = WeightNight.objects.filter(campaign=campaign).count()
    found = dict(contacts(since=_since(now), campaign=campaign)).get(campaign.pk, [])
    _learn({campaign.pk: found}, now)
    if WeightNight.objects.filter(campaign=campaign).count() == before:
        raise Refused(_("These weights have learned today already."), code="already_learned")
    return WeightNight.objects.filter(campaign=campaign).latest("id")


def _since(now: datetime) -> datetime:
    return now - timedelta(days=settings.OUTREACH.learning.window_days)


@transaction.atomic
def _learn(batch: Mapping[int, Sequence[Contact]], now: datetime) -> int:
    """The night of some campaigns, in a fixed number of statements; returns how many learned.

    Under the locks of the campaigns: a night that another worker made and weights that a person froze meanwhile stay.
    """
    list(Campaign.objects.select_for_update().only("pk").filter(pk__in=batch).order_by("pk"))
    made = WeightNight.objects.filter(campaign__in=batch, night=now.date()).exclude(kind=NightKind.ROLLED_BACK)
    done = set(made.values_list("campaign", flat=True))
    rows = {row.campaign_id: row for row in ScoreWeights.objects.filter(campaign__in=batch)}
    nights = [_night(pk, rows.get(pk), found, now) for pk, found in batch.items() if pk not in done]
    WeightNight.objects.bulk_create(nights)
    scoring.change_weights({night.campaign_id: night.after for night in nights if night.is_change}, actor=ACTOR)
    return sum(night.kind == NightKind.LEARNED for night in nights)


def _night(campaign_id: int, row: ScoreWeights | None, found: Sequence[Contact], now: datetime) -> WeightNight:
    """One campaign's night, not saved."""
    before = {name: float(days) for name, days in row.days.items() if name in FEATURES} if row else {}
    result = step(days=before, names=list(FEATURES), contacts=found, now=now, rules=settings.OUTREACH.learning)
    kind = (
        NightKind.FROZEN if row and row.is_frozen else NightKind.TOO_FEW if result.days is None else NightKind.LEARNED
    )
    after = result.days if kind == NightKind.LEARNED and result.days is not None else before
    figures = {"contacted_count": result.contacted, "success_count": result.successes, "evidence": result.evidence}
    return WeightNight(campaign_id=campaign_id, night=now.date(), kind=kind, before=before, after=after, **figures)


@transaction.atomic
def roll_back(*, night: WeightNight, user: User) -> ScoreWeights:
    """The weights as they were before `night`. They are frozen too: tonight would only go the same way again."""
    now_days = scoring.weights_of(night.campaign)
    row = scoring.set_weights(
        campaign=night.campaign,
        days=night.before,
        actor=Actor.of(user),
        reason=_("Back to the weights before %(night)s") % {"night": night.night},
    )
    WeightNight.objects.create(
        campaign=night.campaign,
        night=clock.now().date(),
        kind=NightKind.ROLLED_BACK,
        before=now_days,
        after=night.before,
        user=user,
    )
    scoring.freeze(campaign=night.campaign, is_frozen=True, actor=Actor.of(user))
    return row
