"""Use cases of nightly learning: one night for all campaigns, and a person's way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from threadpoolctl import threadpool_limits

from campaigns.learning.models import NightKind, WeightNight
from campaigns.learning.outcomes import Contact, contacts, daily_campaigns
from campaigns.learning.steps import Step, step
from campaigns.models import Campaign
from campaigns.scoring import services as scoring
from campaigns.scoring.features import FEATURES
from campaigns.scoring.models import ScoreWeights
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor

ACTOR = Actor.system("nightly")


def learn_all() -> int:
    """Tonight's step of every daily campaign that has none yet; returns how many learned. Safe to repeat."""
    now = clock.now()
    night = now.date()
    done = set(
        WeightNight.objects.exclude(kind=NightKind.ROLLED_BACK).filter(night=night).values_list("campaign", flat=True)
    )
    unlearned = set(daily_campaigns()) - done
    learned = 0
    with threadpool_limits(1):
        for campaign_id, found in contacts(since=_since(now)):
            if campaign_id in unlearned:
                unlearned.discard(campaign_id)
                learned += _learn(campaign_id, found, night) == NightKind.LEARNED
        for campaign_id in sorted(unlearned):
            _learn(campaign_id, [], night)
    return learned


def learn(*, campaign: Campaign) -> WeightNight:
    """Tonight's step of one campaign, made now. Raises `Refused` when it was made already."""
    now = clock.now()
    found = dict(contacts(since=_since(now), campaign=campaign)).get(campaign.pk, [])
    if not _learn(campaign.pk, found, now.date()):
        raise Refused(_("These weights have learned today already."), code="already_learned")
    return WeightNight.objects.filter(campaign=campaign).latest("id")


def _since(now: datetime) -> datetime:
    return now - timedelta(days=settings.OUTREACH.learning.window_days)


def _learn(campaign_id: int, found: Sequence[Contact], night: date) -> NightKind | None:
    """One campaign's night; None when somebody else made it."""
    row = ScoreWeights.objects.filter(campaign_id=campaign_id).first()
    before = {name: float(days) for name, days in row.days.items() if name in FEATURES} if row else {}
    result = step(days=before, names=list(FEATURES), contacts=found, now=clock.now(), rules=settings.OUTREACH.learning)
    kind = (
        NightKind.FROZEN if row and row.is_frozen else NightKind.TOO_FEW if result.days is None else NightKind.LEARNED
    )
    after = result.days if kind == NightKind.LEARNED and result.days is not None else before
    try:
        with transaction.atomic():
            WeightNight.objects.create(
                campaign_id=campaign_id, night=night, kind=kind, before=before, after=after, **_figures(result)
            )
            if after != before:
                campaign = Campaign.objects.get(pk=campaign_id)
                scoring.set_weights(campaign=campaign, days=after, actor=ACTOR, by_itself=True)
    except IntegrityError:  # another worker made this night
        return None
    except Refused:  # frozen meanwhile: nothing of this night holds
        return None
    return kind


def _figures(result: Step) -> dict[str, object]:
    return {"contacted_count": result.contacted, "success_count": result.successes, "evidence": result.evidence}


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
