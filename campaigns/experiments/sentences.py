"""What may be said of an experiment, in one sentence that a founder can act on."""

from __future__ import annotations

from campaigns.arms.models import Experiment
from campaigns.experiments.design import Design
from campaigns.experiments.results import WIDEST, Pair, Results
from outreach.core import numbers
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

_THINGS = {
    Experiment.Metric.REPLIED: lambda: _("replies"),
    Experiment.Metric.POSITIVE: lambda: _("positive replies"),
    Experiment.Metric.BOOKED: lambda: _("booked calls"),
}


def verdict(found: Results) -> str:
    """The sentence at the top of the page."""
    experiment = found.experiment
    if experiment.is_planned:
        return _("Not started yet.")
    if found.harmful is not None:
        return _("“%(arm)s” clearly leads to more opt-outs, complaints or bounces.") % {"arm": found.harmful.arm}
    if found.winner is not None:
        return _difference(found)
    if experiment.mode == Experiment.Mode.THOMPSON:
        return _(
            "People are divided by what works. That loses fewer replies, but proves nothing: no winner is declared."
        )
    if not found.sent:
        return _("Nothing was sent yet. %(needed)s people are needed.") % {"needed": experiment.needed}
    if found.is_complete:
        return _nothing_seen(found)
    if found.has_ended or not experiment.is_open:
        return _("It ended after %(sent)s of %(needed)s people: too few to tell.") % {
            "sent": found.sent,
            "needed": experiment.needed,
        }
    return _too_early(found)


def _difference(found: Results) -> str:
    pair = found.pair
    sure = min(99, int(pair.surety * 100))
    if not found.is_comparison:
        return _("Two arms that get the same differ. That happens by chance in 5 of 100 tests like this.")
    if pair.ratio is None:
        return _("“%(better)s” is better than “%(other)s”, %(sure)s%% sure.") % {
            "better": pair.better.arm,
            "other": pair.other.arm,
            "sure": sure,
        }
    return _("“%(better)s” gets %(more)s%% more %(things)s than “%(other)s”; %(sure)s%% sure.") % {
        "better": pair.better.arm,
        "more": round((pair.ratio - 1) * 100),
        "things": _THINGS[Experiment.Metric(found.experiment.metric)](),
        "other": pair.other.arm,
        "sure": sure,
    }


def _nothing_seen(found: Results) -> str:
    return _("No difference of %(matters)s%% was seen among %(sent)s people. A smaller one may exist.") % {
        "matters": round((found.experiment.ratio - 1) * 100),
        "sent": found.sent,
    }


def _too_early(found: Results) -> str:
    said = _("Too early: %(sent)s of %(needed)s people were written to.") % {
        "sent": found.sent,
        "needed": found.experiment.needed,
    }
    if found.days_left is None:
        return said
    more = ngettext("About %(n)s more day at this pace.", "About %(n)s more days at this pace.", found.days_left)
    return f"{said} {more % {'n': found.days_left}}"


def between(pair: Pair) -> str:
    """The interval in words; empty while it says nothing."""
    if pair.high > WIDEST:
        return ""
    return _("from %(low)s to %(high)s") % {"low": _change(pair.low), "high": _change(pair.high)}


def _change(ratio: float) -> str:
    """A ratio as a difference in per cent, with a sign."""
    return ("+" if ratio >= 1 else "−") + numbers.percent(abs(ratio - 1), 0)


def planned(design: Design) -> list[str]:
    """What it takes, before it starts: sentences."""
    said = []
    percent = {
        "base": numbers.percent(design.base_rate, None if design.base_rate >= 0.01 else 2),
        "matters": round((design.ratio - 1) * 100),
    }
    if design.need is None:
        said.append(
            _("At a rate of %(base)s, a difference of %(matters)s%% takes more people than any campaign writes to.")
            % percent
        )
    else:
        said.append(
            _("At a rate of %(base)s it takes %(people)s people to see a difference of %(matters)s%%.")
            % (percent | {"people": numbers.count(design.need.people)})
        )
    if design.days is not None:
        said.append(
            ngettext(
                "The senders of this step need about %(n)s day for that.",
                "The senders of this step need about %(n)s days for that.",
                design.days,
            )
            % {"n": numbers.count(design.days)}
        )
    if design.available is not None and not design.is_possible:
        said.append(_list_too_short(design, numbers.count(design.available)))
    return said


def _list_too_short(design: Design, available: str) -> str:
    if design.smallest is None:
        return _("This campaign has %(available)s people left: too few to see any difference.") % {
            "available": available
        }
    return _(
        "This campaign has %(available)s people left. With them, only a difference of %(smallest)s%% could be seen."
    ) % {"available": available, "smallest": round((design.smallest - 1) * 100)}
