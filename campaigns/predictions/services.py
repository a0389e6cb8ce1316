"""Ask what is known, follow it where a campaign wants to, and keep what was predicted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from campaigns.arms.hashing import position
from campaigns.models import Campaign
from campaigns.predictions.arithmetic.estimating import Estimator
from campaigns.predictions.arithmetic.forecasting import Prior
from campaigns.predictions.arithmetic.silence import Silence
from campaigns.predictions.arithmetic.timing import WHOLE, Timing, better_moment
from campaigns.predictions.facts import Facts, facts_of
from campaigns.predictions.models import Prediction, PredictionNight, PredictionUse
from campaigns.scoring import services as scoring
from outreach.core import audit, clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.limits.calendars import Window, next_open, parse_window

HELD_OUT = "predictions"
TARGETS = ("reply", "conversion")


@dataclass(frozen=True)
class Knowledge:
    """What the newest night learned."""

    night: PredictionNight
    estimators: Mapping[str, Estimator]
    timing: Mapping[int, Timing]
    rates: Mapping[str, tuple[Prior, list[int]]]
    silence: Silence | None

    def timing_of(self, segment_id: int) -> Timing | None:
        """The segment's own timing, else the whole's; None: nothing can be said."""
        return self.timing.get(segment_id) or self.timing.get(WHOLE)

    def is_calibrated(self, target: str) -> bool:
        return target in self.estimators and self.estimators[target].is_calibrated

    @property
    def ordering(self) -> str:
        """The target by which candidates may be ordered; empty: none is calibrated."""
        return next((target for target in ("conversion", "reply") if self.is_calibrated(target)), "")


def in_force() -> Knowledge | None:
    """The newest night's knowledge; one short query, the rest is kept in memory."""
    newest = PredictionNight.objects.order_by("-night").values_list("pk", "learned_at").first()
    return _loaded(*newest) if newest else None


@lru_cache(maxsize=2)
def _loaded(pk: int, learned_at: datetime) -> Knowledge:
    night = PredictionNight.objects.get(pk=pk)
    rates = {}
    for target, found in night.rates.items():
        prior = Prior(found["a"], found["b"], found["people"], found["successes"])
        rates[target] = (prior, found["delays"])
    return Knowledge(
        night,
        {target: Estimator.from_json(found) for target, found in night.estimators.items()},
        {int(segment): Timing.from_json(found) for segment, found in night.timing.items()},
        rates,
        Silence(**night.silence) if night.silence else None,
    )


# predicting


@dataclass(frozen=True)
class Chance:
    """The probabilities of one candidate, and which columns move them. None: too little is known."""

    reply: float | None
    conversion: float | None
    reasons: list[tuple[str, float]]


def predict(ids: Collection[int], knowledge: Knowledge | None = None) -> dict[int, Chance]:
    """What is to be expected of candidates who have not been written to; empty while too little is known.

    One query for 20,000 of them.
    """
    known = knowledge or in_force()
    if known is None or not known.estimators or not ids:
        return {}
    return chances(known, facts_of(ids))


def chances(knowledge: Knowledge, people: Facts) -> dict[int, Chance]:
    """The same from what is known."""
    count = len(people.ids)
    reply, conversion = (
        knowledge.estimators[target].predict(people.cells, people.campaigns).tolist()
        if target in knowledge.estimators
        else [None] * count
        for target in TARGETS
    )
    is_single = count == 1 and "reply" in knowledge.estimators
    reasons = knowledge.estimators["reply"].reasons(people.cells[0]) if is_single else []
    return dict(zip(people.ids, map(Chance, reply, conversion, [reasons] * count), strict=True))


def note(campaign: Campaign, leads: Mapping[int, int]) -> None:
    """First messages to candidates (candidate → lead) are planned: keep what was known and what was predicted."""
    scoring.remember(leads)
    guide = guide_of(campaign)
    if guide is None or not guide.knowledge.estimators:
        return
    found = predict(leads, guide.knowledge)
    Prediction.objects.bulk_create(
        [
            Prediction(
                candidate_id=pk,
                night=guide.knowledge.night,
                reply=chance.reply,
                conversion=chance.conversion,
                is_held_out=is_held_out(pk),
                is_ordered=guide.orders,
                is_timed=guide.times,
                made_at=clock.now(),
            )
            for pk, chance in found.items()
        ],
        ignore_conflicts=True,
    )


# following


def is_held_out(candidate_id: int) -> bool:
    """Whether this candidate's order and time follow no prediction: by hash, the same each time."""
    return position(HELD_OUT, str(candidate_id)) < settings.OUTREACH.predictions.held_out_share


@dataclass(frozen=True)
class Guide:
    """What a campaign follows today: nothing that is not calibrated."""

    knowledge: Knowledge
    orders: bool
    times: bool
    window: Window
    timing: Timing | None

    def moment(self, due: datetime, *, zone: ZoneInfo, candidate_id: int) -> datetime:
        """`due`, or the best later hour of the day within the campaign's window. The gate checks all hours again."""
        if not self.times or self.timing is None or is_held_out(candidate_id):
            return due
        opens_at = next_open(self.window, zone, due) or due
        start = max(due, opens_at)
        minute = int(60 * position("minute", str(candidate_id)))
        hours = {"opens": self.window.start, "closes": self.window.end, "minute": minute}
        moved = better_moment(start, zone=zone, hours=self.timing.hours, **hours)
        return due if moved == start else moved

    def ordered(self, ids: Sequence[int], *, limit: int | None = None) -> list[int]:
        """At most `limit` candidates, the most promising first; the held-out keep their order and their share of places."""
        wanted = len(ids) if limit is None else limit
        if not self.orders:
            return list(ids[:wanted])
        target = self.knowledge.ordering
        said = {pk: getattr(chance, target) for pk, chance in predict(ids, self.knowledge).items()}
        apart = [pk for pk in ids if is_held_out(pk)]
        rest = sorted((pk for pk in ids if not is_held_out(pk)), key=lambda pk: -said.get(pk, 0.0))
        share = settings.OUTREACH.predictions.held_out_share
        return _merged(rest, apart, share=share, limit=wanted)


def _merged(rest: list[int], apart: list[int], *, share: float, limit: int) -> list[int]:
    """Both lists in their order, `share` of the places for `apart`, spread evenly."""
    ways = iter(rest), iter(apart)
    found = []
    for place in range(min(limit, len(rest) + len(apart))):
        is_apart = int((place + 1) * share) > int(place * share)
        found.append(next(ways[is_apart], None) or next(ways[not is_apart]))
    return found


def guide_of(campaign: Campaign) -> Guide | None:
    """What the campaign follows; None before the first night."""
    knowledge = in_force()
    if knowledge is None:
        return None
    use = PredictionUse.objects.filter(campaign=campaign).first() or PredictionUse()
    timing = knowledge.timing_of(campaign.segment_version.segment_id) if use.times else None
    return Guide(
        knowledge,
        orders=use.orders and bool(knowledge.ordering),
        times=timing is not None and timing.best_hour is not None,
        window=parse_window(campaign.stream.window),
        timing=timing,
    )


@transaction.atomic
def follow(*, campaign: Campaign, orders: bool, times: bool, actor: Actor) -> PredictionUse:
    """Choose what the campaign follows. Raises `Refused` for what is not calibrated yet; turning off always works."""
    knowledge = in_force()
    use = PredictionUse.objects.select_for_update().filter(campaign=campaign).first() or PredictionUse(
        campaign=campaign
    )
    if orders and not use.orders and (knowledge is None or not knowledge.ordering):
        raise Refused(
            _("Predictions aren't calibrated yet, so they can't decide the order. It can be turned on once they are."),
            code="not_calibrated",
        )
    timing = knowledge.timing_of(campaign.segment_version.segment_id) if knowledge else None
    if times and not use.times and (timing is None or timing.best_hour is None):
        raise Refused(_("No hour is clearly better than others yet, so there is none to choose."), code="no_best_hour")
    before = (use.orders, use.times)
    use.orders, use.times = orders, times
    if before != (orders, times):
        use.save()
        audit.record(
            "campaign.predictions_followed", subject=campaign, actor=actor, data={"orders": orders, "times": times}
        )
    return use
