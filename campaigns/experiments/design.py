"""Before an experiment starts: how many people and days it takes, and whether this campaign has them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from campaigns import counts
from campaigns.arms.models import Experiment
from campaigns.experiments.power import Need, need, power
from campaigns.experiments.sequential import Test
from campaigns.models import Campaign
from campaigns.steps.models import Step
from campaigns.steps.senders import pool_of

USUAL_RATE = {Experiment.Metric.REPLIED: 0.05, Experiment.Metric.POSITIVE: 0.02, Experiment.Metric.BOOKED: 0.01}
"""What cold outreach brings, where this product has not seen enough yet."""
ENOUGH_TO_KNOW = 200
"""People contacted from which on the rate so far is used instead."""
LARGEST_RATIO = 10.0


@dataclass(frozen=True)
class Design:
    """What is wanted, and what it takes."""

    base_rate: float
    ratio: float
    arms: int
    need: Need | None
    """None: it cannot be seen at all."""
    days: int | None
    """Days on which the step's senders write to so many, at their daily caps."""
    available: int | None
    """People of the campaign who are not written to yet; None for a campaign that finds new ones every day."""
    smallest: float | None
    """The smallest ratio that the available people could show."""

    @property
    def is_possible(self) -> bool:
        return self.need is not None and (self.available is None or self.available >= self.need.people)


def design(*, step: Step, base_rate: float, ratio: float, arms: int = 2) -> Design:
    """Compute it for a step. Raises `ValueError` for impossible rates."""
    found = need(base=base_rate, ratio=ratio, arms=arms)
    available = people_left(step.campaign)
    possible = found is not None and (available is None or available >= found.people)
    return Design(
        base_rate=base_rate,
        ratio=ratio,
        arms=arms,
        need=found,
        days=_days(step, found),
        available=available,
        smallest=None if possible or available is None else smallest_ratio(base_rate, available, arms),
    )


def usual_rate(metric: str) -> float:
    """The rate of all campaigns so far, or a usual one while too few people were contacted."""
    so_far = counts.total()
    if so_far.contacted >= ENOUGH_TO_KNOW and so_far.fact(metric):
        return round(min(0.9, so_far.fact(metric) / so_far.contacted), 4)
    return USUAL_RATE[Experiment.Metric(metric)]


def people_left(campaign: Campaign) -> int | None:
    """Who may still get a first message; None for a daily campaign."""
    if campaign.mode == Campaign.Mode.DAILY:
        return None
    return campaign.candidates.not_contacted().count()


def smallest_ratio(base: float, people: int, arms: int, wanted: float = 0.8) -> float | None:
    """The smallest difference, to a twentieth, that so many people could show; None where there is none."""
    highest = min(LARGEST_RATIO, 1 / base)
    steps = [1 + n / 20 for n in range(1, int((highest - 1) * 20) + 1)]
    low, high = 0, len(steps)
    while low < high:
        middle = (low + high) // 2
        ratio = steps[middle]
        test = Test.made_for(ratio, alpha=0.05 / (arms - 1))
        if power(test, base=base, ratio=ratio, people=people, arms=arms) >= wanted:
            high = middle
        else:
            low = middle + 1
    return steps[low] if low < len(steps) else None


def _days(step: Step, found: Need | None) -> int | None:
    if found is None:
        return None
    daily = sum(sender.daily_cap for sender in pool_of(step))
    if step.campaign.stream.daily_cap is not None:
        daily = min(daily, step.campaign.stream.daily_cap)
    return ceil(found.people / max(1, daily))
