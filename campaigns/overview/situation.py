"""Where a campaign is, why, and what to do next: one sentence and one button for every state and reason. Pure.

The states come from the machine; every reason is a field of `Facts`. Pages, command line and API show what this says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import CAMPAIGN, CANDIDATE

SOON = timedelta(minutes=10)
"""A wait that nobody needs to shorten."""
Tone = Literal["blue", "green", "amber", "grey"]


@dataclass(frozen=True)
class Action:
    """A button: a POST to the address named `post`, or a link to the one named `page`.

    Both take the campaign's id, unless `number` names another row (or -1: nothing). `query` follows the address.
    """

    label: str
    post: str = ""
    page: str = ""
    number: int = 0
    query: str = ""
    confirm: str = ""


@dataclass(frozen=True)
class Situation:
    """`title` says what is happening, `text` why and what comes next, `action` is the one primary button."""

    title: str
    text: str
    action: Action
    others: tuple[Action, ...] = ()
    tone: Tone = "blue"


@dataclass(frozen=True)
class Obstacle:
    """Something that forbids the start, with the page where it is fixed."""

    text: str
    fix: Action


@dataclass(frozen=True)
class Stuck:
    """A sender that does not send: why, and its id."""

    name: str
    reason: str
    number: int
    is_unverified: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything that decides the sentence; a campaign without trouble has the defaults. Counts are people."""

    state: str
    is_daily: bool = False
    is_frozen: bool = True
    segment: str = ""
    segment_number: int = 0
    brief: str = ""
    brief_number: int = 0
    """0: no brief."""
    stages: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    """matching, suppressed, unreachable, elsewhere."""
    has_offer: bool = True
    is_brief_changed: bool = False
    refusal: str = ""
    """The most frequent reason why the brief refused someone."""
    is_model_missing: bool = False
    """The brief asks a language model and none is set up."""
    problem: str = ""
    """Why no draft could be written for someone; `failed` counts them."""
    failed: int = 0
    unread: int = 0
    working_on: str = ""
    """What a job is doing right now."""
    job_error: str = ""
    obstacles: tuple[Obstacle, ...] = ()
    stuck: Stuck | None = None
    paused_because: str = ""
    planned: int = 0
    planned_first: int = 0
    next_at: datetime | None = None
    held_by: Literal["", "hours", "quota", "start", "other"] = ""
    why_held: str = ""
    answers_waiting: int = 0
    replied: int = 0
    booked: int = 0

    def count(self, stages: tuple[str, ...]) -> int:
        return sum(self.stages.get(name, 0) for name in stages)

    @property
    def audience(self) -> int:
        return sum(n for stage, n in self.stages.items() if stage not in CANDIDATE.removed)

    @property
    def contacted(self) -> int:
        return self.count(CANDIDATE.reached)

    @property
    def approved(self) -> int:
        return self.count(CANDIDATE.cleared)


REVIEW = "drafts:review"


def situation(facts: Facts, *, now: datetime) -> Situation:
    """The one sentence and the one button."""
    if facts.state in CAMPAIGN.over:
        return _over(facts)
    if facts.working_on:
        return _working(facts)
    if facts.state in CAMPAIGN.halted:
        return _paused(facts)
    if facts.state in CAMPAIGN.editable:
        return _daily_before(facts) if facts.is_daily else _before(facts)
    return _sending(facts, now)


def _over(facts: Facts) -> Situation:
    text = ngettext("%(count)s person was contacted", "%(count)s people were contacted", facts.contacted) % {
        "count": facts.contacted
    }
    text = _("%(contacted)s: %(replied)s replied, %(booked)s booked a call. Late replies still reach the inbox.") % {
        "contacted": text,
        "replied": facts.replied,
        "booked": facts.booked,
    }
    if not facts.contacted:
        text = _("No one was contacted.")
    results = Action(_("See the results"), page="reports:index", number=-1, query="?campaign={campaign}")
    if CAMPAIGN.allows(facts.state, "sending"):
        return Situation(_("Finished"), text, results, (Action(_("Reopen"), post="campaigns:start"),), "green")
    return Situation(_("Archived"), text, results, tone="grey")


def _working(facts: Facts) -> Situation:
    if facts.unread:
        text = _("You can review the drafts that are written already.")
        return Situation(facts.working_on, text, Action(_("Review drafts"), page=REVIEW))
    text = _("This page updates by itself.")
    return Situation(facts.working_on, text, Action(_("See the people"), page="campaigns:candidates"))


def _paused(facts: Facts) -> Situation:
    waiting = ngettext("%(count)s planned message waits.", "%(count)s planned messages wait.", facts.planned) % {
        "count": facts.planned
    }
    text = " ".join(filter(None, (facts.paused_because, waiting, _("It continues exactly where it stopped."))))
    return Situation(_("Paused"), text, Action(_("Resume"), post="campaigns:resume"), tone="amber")


def _before(facts: Facts) -> Situation:
    """Drafting or ready: whatever is missing first."""
    return (
        _no_audience(facts)
        or _judging(facts)
        or _writing(facts)
        or _reviewing(facts)
        or Situation(
            _("Nothing is left to send"),
            _("Everyone in this campaign was excluded or refused. Choose other people."),
            Action(_("See the people"), page="campaigns:candidates"),
            (Action(_("Change the audience"), page="campaigns:edit"),),
            "amber",
        )
    )


def _no_audience(facts: Facts) -> Situation | None:
    find = Action(_("Find the people"), post="campaigns:freeze")
    if not facts.is_frozen:
        text = _("The campaign takes everyone who matches “%(segment)s” now.") % {"segment": facts.segment}
        return Situation(_("No one is in the campaign yet"), text, find)
    if facts.audience:
        return None
    out, again = facts.left_out, Action(_("Match again"), post="campaigns:freeze")
    segment = Action(_("Change the segment"), page="segments:edit", number=facts.segment_number)
    if not out.get("matching"):
        text = _("No one matches “%(segment)s”. Relax its conditions, then match again.") % {"segment": facts.segment}
        return Situation(_("The audience is empty"), text, segment, (again,), "amber")
    parts = [
        (out.get("suppressed", 0), _("%(count)s opted out or must not be contacted")),
        (out.get("unreachable", 0), _("%(count)s have no usable address")),
        (out.get("elsewhere", 0), _("%(count)s are in another campaign or were contacted recently")),
    ]
    told = "; ".join(text % {"count": count} for count, text in parts if count)
    title = _("Everyone is left out")
    if out.get("elsewhere"):
        keep = Action(_("Take them anyway"), post="campaigns:keep-busy")
        return Situation(title, f"{told}.", keep, (segment, again), "amber")
    return Situation(title, f"{told}.", segment, (again,), "amber")


def _judging(facts: Facts) -> Situation | None:
    if not facts.brief_number:
        return None
    judge = Action(_("Qualify"), post="campaigns:qualify")
    everyone = Action(
        _("Take everyone"),
        post="campaigns:take-everyone",
        confirm=_("Drop the brief and take everyone in the segment?"),
    )
    if facts.stages.get(CANDIDATE.initial) or facts.is_brief_changed:
        if facts.is_model_missing:
            text = _("“%(brief)s” asks a language model, but none is set up, so its rules decide alone.")
        elif facts.is_brief_changed:
            text = _("“%(brief)s” was changed. Qualify everyone again.")
        else:
            text = _("“%(brief)s” decides who is written to, with reasons.")
        return Situation(_("People wait to be qualified"), text % {"brief": facts.brief}, judge, (everyone,))
    refused, unclear = facts.count(CANDIDATE.refused), facts.count(CANDIDATE.unclear)
    if facts.count(CANDIDATE.accepted):
        return None
    if unclear:
        text = ngettext(
            "Too little is known about %(count)s person for “%(brief)s” to decide.",
            "Too little is known about %(count)s people for “%(brief)s” to decide.",
            unclear,
        ) % {"count": unclear, "brief": facts.brief}
        decide = Action(_("Decide unclear cases"), page="campaigns:candidates", query="?stage=shortlisted")
        return Situation(_("No one is qualified yet"), text, decide, (everyone,), "amber")
    if refused:
        text = _("“%(brief)s” refused all %(count)s. Most often: %(reason)s") % {
            "brief": facts.brief,
            "count": refused,
            "reason": facts.refusal or _("no reason was given"),
        }
        change = Action(_("Change the brief"), page="briefs:edit", number=facts.brief_number)
        return Situation(_("No one is qualified"), text, change, (everyone,), "amber")
    return None


def _writing(facts: Facts) -> Situation | None:
    unwritten = facts.count(CANDIDATE.unwritten)
    if not unwritten:
        return None
    if not facts.has_offer:
        return Situation(
            _("The offer is missing"),
            _("Drafts are written from the offer, and this campaign has none yet."),
            Action(_("Write the offer"), page="campaigns:edit", query="#id_offer"),
            tone="amber",
        )
    write = Action(_("Write drafts"), post="campaigns:generate")
    if facts.job_error:
        return Situation(_("Writing stopped"), facts.job_error, Action(_("Try again"), post=write.post), tone="amber")
    if facts.failed and facts.failed >= unwritten:
        text = ngettext(
            "No draft could be written for %(count)s person: %(reason)s",
            "No draft could be written for %(count)s people: %(reason)s",
            facts.failed,
        ) % {"count": facts.failed, "reason": facts.problem}
        if facts.unread or facts.approved:
            return None  # the others come first; the page lists these among the problems
        see = Action(_("See these people"), page="campaigns:candidates", query="?problem=1")
        return Situation(_("Writing failed"), text, Action(_("Try again"), post=write.post), (see,), "amber")
    text = ngettext(
        "%(count)s person has no draft yet. Each message is written in two variants.",
        "%(count)s people have no draft yet. Each message is written in two variants.",
        unwritten,
    ) % {"count": unwritten}
    return Situation(_("Drafts are missing"), text, write)


def _reviewing(facts: Facts) -> Situation | None:
    start = Action(_("Start sending"), post="campaigns:start")
    if facts.unread and not facts.approved:
        text = ngettext(
            "The drafts for %(count)s person wait for you. Nothing is sent until you approve it.",
            "The drafts for %(count)s people wait for you. Nothing is sent until you approve it.",
            facts.unread,
        ) % {"count": facts.unread}
        return Situation(_("Ready for review"), text, Action(_("Review drafts"), page=REVIEW))
    if not facts.approved:
        return None
    if facts.obstacles:
        first = facts.obstacles[0]
        more = len(facts.obstacles) - 1
        text = first.text
        if more:
            text += " " + ngettext(
                "%(count)s more problem is listed below.", "%(count)s more problems are listed below.", more
            ) % {"count": more}
        return Situation(_("Not ready to start"), text, first.fix, tone="amber")
    approved = ngettext("%(count)s person is approved.", "%(count)s people are approved.", facts.approved) % {
        "count": facts.approved
    }
    if facts.unread:
        rest = Action(_("Review the rest"), page=REVIEW)
        text = f"{approved} {unreviewed(facts.unread)}"
        return Situation(_("Partly reviewed"), text, rest, (replaced(start, facts),))
    text = _("%(approved)s Messages leave within the hours and limits.") % {"approved": approved}
    return Situation(_("Ready to start"), text, start, tone="green")


def unreviewed(count: int) -> str:
    """What stays unsent when a campaign starts now; empty when everything is reviewed."""
    if not count:
        return ""
    return ngettext(
        "%(count)s person's drafts are not reviewed yet and stay unsent until you approve them.",
        "%(count)s people's drafts are not reviewed yet and stay unsent until you approve them.",
        count,
    ) % {"count": count}


def replaced(start: Action, facts: Facts) -> Action:
    """“Start” while drafts are unread says for how many it starts, and asks."""
    label = ngettext("Start with %(count)s person", "Start with %(count)s people", facts.approved) % {
        "count": facts.approved
    }
    return Action(label, post=start.post, confirm=unreviewed(facts.unread))


def _daily_before(facts: Facts) -> Situation:
    if facts.obstacles:
        return Situation(_("Not ready to start"), facts.obstacles[0].text, facts.obstacles[0].fix, tone="amber")
    text = _("Once started, it takes the best of “%(segment)s” every day.") % {"segment": facts.segment}
    return Situation(_("Ready to start"), text, Action(_("Start"), post="campaigns:start"), tone="green")


def _sending(facts: Facts, now: datetime) -> Situation:
    answer = Action(_("Answer"), page="inbox:list", number=-1)
    if facts.stuck is not None:
        return _stuck(facts.stuck)
    if facts.answers_waiting:
        title = ngettext("%(count)s reply waits for you", "%(count)s replies wait for you", facts.answers_waiting)
        return Situation(title % {"count": facts.answers_waiting}, _progress(facts, now), answer, tone="green")
    if facts.unread:
        text = f"{_progress(facts, now)} {unreviewed(facts.unread)}"
        return Situation(_("Drafts wait for review"), text, Action(_("Review drafts"), page=REVIEW))
    timeline = Action(_("See what leaves next"), page="campaigns:timeline")
    if facts.next_at is None:
        return _quiet(facts)
    if facts.held_by == "hours" and facts.next_at > now + SOON:
        title = _("Nothing leaves before %(at)s") % {"at": moment(facts.next_at, now)}
        text = facts.why_held or _("The campaign's hours are closed for the next recipients.")
        widen = Action(_("Widen hours"), post="campaigns:widen-hours", confirm=_("Send every day from 08:00 to 20:00?"))
        if facts.planned_first:
            return Situation(title, text, Action(_("Send now"), post="campaigns:send-now"), (widen,), "amber")
        return Situation(title, text, timeline, (widen,))
    if facts.held_by == "quota":
        title = _("Limit reached: continues %(at)s") % {"at": moment(facts.next_at, now)}
        return Situation(title, facts.why_held, timeline, tone="amber")
    if facts.next_at <= now:
        return Situation(_("Sending"), facts.why_held or _progress(facts, now), timeline, tone="green")
    title = _("Sending: next message %(at)s") % {"at": moment(facts.next_at, now)}
    return Situation(title, facts.why_held or _progress(facts, now), timeline, tone="green")


def _stuck(found: Stuck) -> Situation:
    title = _("Nothing leaves: “%(sender)s” cannot send") % {"sender": found.name}
    label = _("Verify the sender") if found.is_unverified else _("Open the sender")
    return Situation(title, found.reason, Action(label, page="senders:detail", number=found.number), tone="amber")


def _quiet(facts: Facts) -> Situation:
    """Sending, but no message is planned."""
    if facts.is_daily:
        text = _("New people are taken every hour, as far as the senders have room.")
        return Situation(
            _("Nothing is planned right now"), text, Action(_("Look for today's best now"), post="campaigns:run-day")
        )
    inbox = Action(_("Open the inbox"), page="inbox:list", number=-1)
    if facts.contacted:
        text = _("Everyone approved was contacted. The campaign ends by itself when no reply is expected any more.")
        return Situation(_("Waiting for replies"), text, inbox)
    text = _("Nothing is approved and planned. See who is in the campaign and why.")
    return Situation(_("Nothing to send"), text, Action(_("See the people"), page="campaigns:candidates"), tone="amber")


def _progress(facts: Facts, now: datetime) -> str:
    text = _("%(contacted)s contacted, %(planned)s messages planned.") % {
        "contacted": facts.contacted,
        "planned": facts.planned,
    }
    if facts.next_at is not None and facts.next_at > now:
        text += " " + _("Next message: %(at)s.") % {"at": moment(facts.next_at, now)}
    return text


def moment(at: datetime, now: datetime) -> str:
    """A time as one says it today: 18:15, Monday 09:00, 3 Jan 09:00; in the viewer's zone."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    clock = date_format(local, "H:i")
    if local.date() == today:
        return clock
    if local.date() < today + timedelta(days=7):
        return f"{date_format(local, 'l')} {clock}"
    return f"{date_format(local, 'j M')} {clock}"
