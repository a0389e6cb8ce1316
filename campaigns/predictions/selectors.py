"""What pages, API and commands show of predictions: each says on how much it rests, and is None where that is too little."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.dates import WEEKDAYS

from campaigns import counts
from campaigns.models import CANDIDATE, Campaign, Candidate
from campaigns.predictions.arithmetic.forecasting import Forecast, arrived, forecast
from campaigns.predictions.arithmetic.timing import WHOLE, Slot, Timing
from campaigns.predictions.encoding import LABELS
from campaigns.predictions.models import PredictionNight, PredictionUse
from campaigns.predictions.services import TARGETS, Knowledge, in_force, predict
from conversations.models import Conversation, Message
from leads.models import Lead
from outreach.core import clock
from outreach.core.plots import Line, Plot
from outreach.core.words import gettext as _

NIGHTS = 60
MOST_CANDIDACIES = 5


@dataclass(frozen=True)
class Reason:
    """A fact about a person that moves the odds: multiplied by `factor`."""

    label: str
    factor: float

    @property
    def is_good(self) -> bool:
        return self.factor > 1


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of one person in one campaign, before the first message."""

    candidate: Candidate
    reply: float | None
    conversion: float | None
    usual_reply: float | None
    usual_conversion: float | None
    people: int
    """How many people it was learned from."""
    is_calibrated: bool
    reasons: list[Reason]

    def as_json(self) -> dict[str, Any]:
        return {
            "campaign": self.candidate.campaign_id,
            "candidate": self.candidate.pk,
            "reply": self.reply,
            "conversion": self.conversion,
            "usual_reply": self.usual_reply,
            "usual_conversion": self.usual_conversion,
            "learned_from": self.people,
            "is_calibrated": self.is_calibrated,
            "reasons": [{"fact": reason.label, "odds": round(reason.factor, 3)} for reason in self.reasons],
        }


def outlooks(candidates: Iterable[Candidate]) -> list[Outlook]:
    """For candidates who may still get a first message; empty while too little is known."""
    open_ones = [candidate for candidate in candidates if candidate.stage in CANDIDATE.before_contact]
    knowledge = in_force()
    if knowledge is None or not open_ones:
        return []
    found = []
    for candidate in open_ones[:MOST_CANDIDACIES]:
        chance = predict([candidate.pk], knowledge).get(candidate.pk)
        if chance is None:
            return []
        usual = {t: e.figures.get("rate") for t, e in knowledge.estimators.items()}
        found.append(
            Outlook(
                candidate,
                chance.reply,
                chance.conversion,
                usual.get("reply"),
                usual.get("conversion"),
                max(e.figures["people"] for e in knowledge.estimators.values()),
                all(knowledge.is_calibrated(target) for target in knowledge.estimators),
                [Reason(str(LABELS[name]), factor) for name, factor in chance.reasons],
            )
        )
    return found


@dataclass(frozen=True)
class Quiet:
    """Somebody who had answered and has been silent since we wrote: will they answer again?"""

    days: int
    chance: float
    people: int
    """Earlier silences that lasted as long."""

    @property
    def is_disengaged(self) -> bool:
        return self.chance < settings.OUTREACH.predictions.disengaged_below

    def as_json(self) -> dict[str, Any]:
        return {
            "silent_days": self.days,
            "chance_to_answer": round(self.chance, 4),
            "learned_from": self.people,
            "is_disengaged": self.is_disengaged,
        }


def quiet(lead: Lead) -> Quiet | None:
    """None: they never answered, it is our turn, they are closed or opted out, or too few were silent for as long."""
    knowledge = in_force()
    if knowledge is None or knowledge.silence is None:
        return None
    talk = Conversation.objects.on_their_side(clock.now()).filter(lead=lead).first()
    if talk is None or talk.last_inbound_at is None:
        return None
    wrote = Message.objects.outgoing().filter(conversation=talk, sent_at__gt=talk.last_inbound_at).order_by("sent_at")
    since = wrote.values_list("sent_at", flat=True).first()
    if since is None:
        return None
    days = (clock.now() - since).days
    people = knowledge.silence.known(days)
    if people < settings.OUTREACH.predictions.fewest_silences:
        return None
    return Quiet(days, knowledge.silence.chance_after(days), people)


@dataclass(frozen=True)
class Expected:
    """A campaign's forecast of one kind of success."""

    target: str
    label: str
    numbers: Forecast

    def as_json(self) -> dict[str, Any]:
        found = self.numbers
        return {
            "so_far": found.so_far,
            "expected": round(found.expected, 1),
            "low": found.low,
            "high": found.high,
            "share_within": 0.8,
            "learned_from": found.people,
        }


def expected(campaign: Campaign) -> list[Expected]:
    """Replies and bookings of everyone written to and in line; empty while too little is known or nobody is in line."""
    knowledge = in_force()
    if knowledge is None or not knowledge.rates:
        return []
    labels = {"reply": _("Replies"), "booking": _("Calls booked")}
    people = Candidate.objects.filter(campaign=campaign)
    ages, in_line = _ages(campaign), people.filter(stage__in=CANDIDATE.in_line).count()
    if not ages and not in_line:
        return []
    came = {"reply": people.filter(counts.has("replied")).count()}
    came["booking"] = people.filter(counts.has("booked") | counts.has("won")).count()
    found = []
    for target, label in labels.items():
        if target in knowledge.rates:
            prior, delays = knowledge.rates[target]
            numbers = forecast(
                prior, ages=ages, successes=min(came[target], len(ages)), waiting=in_line, share=arrived(delays)
            )
            found.append(Expected(target, label, numbers))
    return found


def _ages(campaign: Campaign) -> list[int]:
    """How many days ago each person was first written to."""
    now = clock.now()
    first = Message.objects.filter(stream=campaign.stream_id, draft__step__number=1, sent_at__isnull=False)
    sent = first.order_by().values_list("sent_at", flat=True)
    return [max(0, (now - at).days) for at in sent if at is not None]


@dataclass(frozen=True)
class BestTime:
    """When a segment's people answer most, and on how much that rests."""

    timing: Timing
    is_own: bool
    """Of the segment itself; else of all campaigns together."""

    @property
    def weekday(self) -> str:
        slot = self.timing.best_weekday
        return str(WEEKDAYS[slot.number]) if slot else ""

    @property
    def hour(self) -> Slot | None:
        return self.timing.best_hour

    @property
    def hour_text(self) -> str:
        return f"{self.hour.number:02}:00–{self.hour.number + 1:02}:00" if self.hour else ""

    @property
    def weekdays(self) -> list[tuple[str, Slot]]:
        return [(str(WEEKDAYS[slot.number]), slot) for slot in self.timing.weekdays if slot.messages]

    @property
    def hours(self) -> list[tuple[str, Slot]]:
        return [(f"{slot.number:02}:00", slot) for slot in self.timing.hours if slot.messages]

    def as_json(self) -> dict[str, Any]:
        slot = self.timing.best_weekday
        return {
            "best_weekday": slot.number if slot else None,
            "best_hour": self.hour.number if self.hour else None,
            "is_of_segment": self.is_own,
            "messages": self.timing.messages,
            "replies": self.timing.replies,
        }


def best_time(campaign: Campaign) -> BestTime | None:
    """Of the campaign's segment, else of everyone; None while too little is known."""
    knowledge = in_force()
    segment = campaign.segment_version.segment_id
    timing = knowledge.timing_of(segment) if knowledge else None
    return BestTime(timing, segment in knowledge.timing) if timing and knowledge else None


def use_of(campaign: Campaign) -> PredictionUse:
    """What the campaign follows by its settings."""
    return PredictionUse.objects.filter(campaign=campaign).first() or PredictionUse(campaign=campaign)


@dataclass(frozen=True)
class Lacking:
    """Why nothing is predicted yet."""

    people: int
    fewest: int


def lacking() -> Lacking | None:
    """None: predictions are made."""
    knowledge = in_force()
    if knowledge is not None and knowledge.estimators:
        return None
    people = knowledge.night.people_count if knowledge else 0
    return Lacking(people, settings.OUTREACH.predictions.fewest_people)


def models_of(knowledge: Knowledge) -> list[dict[str, Any]]:
    """Figures and a calibration plot for each target."""
    found = []
    for target in TARGETS:
        if target not in knowledge.estimators:
            continue
        figures = knowledge.estimators[target].figures
        most = max(0.02, *(max(g["said"], g["happened"]) for g in figures["calibration"])) * 1.1
        plot = Plot(
            label=_("Said and happened, in ten groups of equal size"),
            lines=[
                Line(_("Measured"), [(g["said"], g["happened"]) for g in figures["calibration"]], "dots"),
                Line(_("Perfect"), [(0, 0), (most, most)], "dashed"),
            ],
            x=(0, most),
            y=(0, most),
            x_label=_("probability given"),
            y_label=_("share of successes"),
        )
        found.append({"target": target, "figures": figures, "plot": plot})
    return found


def effects(knowledge: Knowledge) -> list[tuple[str, dict[str, Any]]]:
    """What following brought, by what was followed."""
    labels = {"is_ordered": _("Most promising first"), "is_timed": _("Best hour of the day")}
    return [(label, knowledge.night.use[name]) for name, label in labels.items() if name in knowledge.night.use]


def nights() -> list[PredictionNight]:
    """The newest first."""
    return list(PredictionNight.objects.only("night", "people_count", "estimators", "seconds")[:NIGHTS])


def whole_time() -> BestTime | None:
    """The best time of everyone."""
    knowledge = in_force()
    timing = knowledge.timing.get(WHOLE) if knowledge else None
    return BestTime(timing, is_own=False) if timing else None
