"""What the page of a campaign's weights shows."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.audience import shortlist
from campaigns.learning.models import NightKind, WeightNight
from campaigns.models import Campaign
from campaigns.scoring import services as scoring
from campaigns.scoring.features import FEATURES
from leads.models import Lead
from outreach.core.dates import written
from outreach.core.plots import Line, Plot, padded
from outreach.core.words import gettext as _

SHOWN = 20
NIGHTS = 90
MOST_LINES = 6


@dataclass(frozen=True)
class Weight:
    """One feature of the score: its days now, the newest night's step, and what it was learned from."""

    name: str
    label: str
    days: float
    step: float
    people: int
    successes: int
    others: int
    other_successes: int


@dataclass(frozen=True)
class Next:
    """A lead of the next shortlist, and how many places last night moved it; None: it is new on the list."""

    lead: Lead
    moved: int | None


def nights(campaign: Campaign) -> list[WeightNight]:
    """The newest nights first."""
    return list(campaign.weight_nights.select_related("user")[:NIGHTS])


def weights(campaign: Campaign, history: list[WeightNight]) -> list[Weight]:
    """Every feature, the weightiest first."""
    days = scoring.weights_of(campaign)
    newest = history[0] if history else WeightNight()
    found = []
    for name, feature in FEATURES.items():
        people, successes = newest.evidence.get(name, (0, 0))
        found.append(
            Weight(
                name,
                str(feature.label),
                days.get(name, 0.0),
                newest.after.get(name, 0.0) - newest.before.get(name, 0.0),
                people,
                successes,
                newest.contacted_count - people,
                newest.success_count - successes,
            )
        )
    return sorted(found, key=lambda row: -abs(row.days))


def plot(history: list[WeightNight]) -> Plot | None:
    """The weights night by night; None until two nights are known."""
    kept = history[::-1]
    if len(kept) < 2:
        return None
    names = [name for name in FEATURES if any(night.after.get(name) for night in kept)]
    names = sorted(names, key=lambda name: -abs(kept[-1].after.get(name, 0.0)))[:MOST_LINES]
    if not names:
        return None
    lines = [
        Line(str(FEATURES[name].label), [(i, night.after.get(name, 0.0)) for i, night in enumerate(kept)])
        for name in names
    ]
    last = len(kept) - 1
    shown = sorted({0, last // 2, last})
    return Plot(
        label=_("Weights of the features, night by night"),
        lines=lines,
        x=(0, last),
        y=padded([y for line in lines for _x, y in line.points]),
        x_label=_("night"),
        y_label=_("days"),
        x_ticks=[(i, written(kept[i].night, "d MMM")) for i in shown],
    )


def next_in_line(campaign: Campaign, history: list[WeightNight]) -> list[Next]:
    """Who the next shortlist begins with, beside the order that the weights before the newest change would give."""
    best = [lead for lead, _score in shortlist.peek(campaign=campaign, limit=SHOWN)]
    leads = Lead.objects.select_related("company").in_bulk(best)
    change = next((night for night in history if night.is_change), None)
    if change is None:
        return [Next(leads[lead], 0) for lead in best if lead in leads]
    earlier = shortlist.peek(campaign=campaign, limit=5 * SHOWN, days=change.before)
    place = {lead: i for i, (lead, _score) in enumerate(earlier)}
    return [
        Next(leads[lead], place[lead] - i if lead in place else None) for i, lead in enumerate(best) if lead in leads
    ]


def summary(history: list[WeightNight]) -> str:
    """One sentence on the newest night."""
    if not history:
        return _("Weights start learning on the first night after messages have gone out.")
    newest = history[0]
    counts = {"people": newest.contacted_count, "successes": newest.success_count}
    if newest.kind == NightKind.TOO_FEW:
        return _("Nothing changed last night: %(people)s people contacted and %(successes)s positive outcomes in the window are too few to learn from.") % counts  # fmt: skip
    if newest.kind == NightKind.FROZEN:
        return _("Nothing changed last night: the weights are frozen.")
    if newest.kind == NightKind.ROLLED_BACK:
        return _("The weights were rolled back and frozen.")
    return _("Last night learned from %(people)s people contacted and %(successes)s positive outcomes.") % counts
