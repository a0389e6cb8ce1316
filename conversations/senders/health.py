"""Guardrails: which seven-day figures slow or pause a sender, with the sentence and its numbers. Pure.

Below the floor of 50 messages nothing is judged: one complaint of five says nothing. Up to half of a limit the sender
is left alone; from there to the limit it slows down in proportion; at the limit it is paused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any

from outreach.core import numbers
from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop

WINDOW = timedelta(days=7)
FLOOR = 50
"""Messages in the window before anything is judged."""
SLOWEST = 0.25
"""The factor just below a limit."""


@dataclass(frozen=True)
class Guardrail:
    """`figure` over messages sent, in the window; from `slows_at` on the sender slows down, at `stops_at` it is paused."""

    figure: str
    label: str
    channels: tuple[str, ...]
    slows_at: float
    stops_at: float
    why: str

    @property
    def title(self) -> str:
        """What it counts, in the reader's language."""
        return _(self.label)

    @property
    def reason(self) -> str:
        """Why the limit is where it is."""
        return _(self.why) % {}


GUARDRAILS: tuple[Guardrail, ...] = (
    Guardrail(
        "complained",
        gettext_noop("Complaints"),
        ("email",),
        0.0005,
        0.001,
        gettext_noop("Google and Yahoo act on senders above 0.10%% and reject them at 0.30%%."),
    ),
    Guardrail(
        "bounced",
        gettext_noop("Bounces"),
        ("email",),
        0.025,
        0.05,
        gettext_noop("At 5%% bounces, providers assume a bought list."),
    ),
    Guardrail(
        "filtered",
        gettext_noop("Filtered by carriers (30007)"),
        ("sms",),
        0.02,
        0.03,
        gettext_noop("Carriers block numbers with more than 2–3%% filtered messages."),
    ),
    Guardrail(
        "bounced",
        gettext_noop("Not deliverable"),
        ("sms",),
        0.05,
        0.10,
        gettext_noop("Texting nonexistent numbers is a spam signal."),
    ),
)


@dataclass(frozen=True)
class Figures:
    """Counts over the window."""

    sent: int = 0
    bounced: int = 0
    complained: int = 0
    filtered: int = 0
    deferred: int = 0

    def rate(self, figure: str) -> float:
        return float(getattr(self, figure)) / self.sent if self.sent else 0.0


@dataclass(frozen=True)
class Finding:
    """One guardrail's verdict: its factor and its sentence."""

    guardrail: Guardrail
    count: int
    rate: float
    factor: float
    sentence: str

    @property
    def stops(self) -> bool:
        return self.factor == 0

    @property
    def rate_text(self) -> str:
        return percent(self.rate)

    @property
    def limit_text(self) -> str:
        return percent(self.guardrail.stops_at)


@dataclass(frozen=True)
class Health:
    """The verdict on a sender: `factor` is the smallest of all guardrails; zero pauses it."""

    figures: Figures
    factor: float
    sentence: str
    findings: tuple[Finding, ...]
    is_judged: bool

    @property
    def stops(self) -> bool:
        return self.factor == 0


def percent(share: float) -> str:
    return numbers.percent(share, 2)


def judge(channel: str, figures: Figures) -> Health:
    """The health of a sender on `channel` with these `figures`."""
    rails = [rail for rail in GUARDRAILS if channel in rail.channels]
    is_judged = figures.sent >= FLOOR
    findings = tuple(_finding(rail, figures, is_judged=is_judged) for rail in rails)
    if not is_judged:
        sentence = _("%(sent)s messages in 7 days; assessed from %(floor)s.") % {"sent": figures.sent, "floor": FLOOR}
        return Health(figures, 1.0, sentence, findings, False)
    worst = min(findings, key=lambda finding: finding.factor, default=None)
    if worst is None or worst.factor == 1:
        sentence = _("Healthy: %(sent)s messages in 7 days, within all limits.") % {"sent": figures.sent}
        return Health(figures, 1.0, sentence, findings, True)
    return Health(figures, worst.factor, worst.sentence, findings, True)


def _finding(rail: Guardrail, figures: Figures, *, is_judged: bool) -> Finding:
    count, rate = int(getattr(figures, rail.figure)), figures.rate(rail.figure)
    numbers = {
        "figure": rail.title,
        "rate": percent(rate),
        "count": count,
        "sent": figures.sent,
        "limit": percent(rail.stops_at),
        "why": rail.reason,
    }
    if not is_judged or rate < rail.slows_at:
        sentence = _("%(figure)s: %(rate)s (%(count)s of %(sent)s in 7 days); the limit is %(limit)s.")
        return Finding(rail, count, rate, 1.0, sentence % numbers)
    if rate >= rail.stops_at:
        sentence = _("%(figure)s: %(rate)s (%(count)s of %(sent)s in 7 days) reached the limit of %(limit)s. %(why)s")
        return Finding(rail, count, rate, 0.0, sentence % numbers)
    share = (rate - rail.slows_at) / (rail.stops_at - rail.slows_at)
    factor = round(1 - share * (1 - SLOWEST), 2)
    sentence = _(
        "%(figure)s: %(rate)s (%(count)s of %(sent)s in 7 days), close to the limit of %(limit)s. Slowed "
        "to %(pace)s%% of its pace."
    )
    return Finding(rail, count, rate, factor, sentence % {**numbers, "pace": round(factor * 100)})


def to_json(health: Health) -> dict[str, Any]:
    return asdict(health.figures) | {"factor": health.factor, "sentence": health.sentence}


def figures_from_json(value: Mapping[str, Any]) -> Figures:
    return Figures(**{one.name: int(value.get(one.name, 0)) for one in fields(Figures)})
