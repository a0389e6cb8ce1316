"""Where a campaign is, why, and what to do next: one sentence and one button for every state and reason. Pure.

The states come from the machine; every reason is a field of `Facts`. Pages, command line and API show what this says.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from campaigns.models import CAMPAIGN
from campaigns.overview.preparing import before_start, daily_before_start
from campaigns.overview.terms import REVIEW, Action, Facts, Situation, Stuck, moment, unreviewed
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

SOON = timedelta(minutes=10)
"""A wait that nobody needs to shorten."""


def situation(facts: Facts, *, now: datetime) -> Situation:
    """The one sentence and the one button."""
    if facts.state in CAMPAIGN.over:
        return _over(facts)
    if facts.working_on:
        return _working(facts)
    if facts.state == CAMPAIGN.PAUSED:
        return _paused(facts)
    if facts.state in CAMPAIGN.editable:
        return daily_before_start(facts) if facts.is_daily else before_start(facts)
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
    if CAMPAIGN.allows(facts.state, CAMPAIGN.SENDING):
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
        if facts.plans_first:
            return Situation(title, text, Action(_("Send now"), post="campaigns:send-now"), (widen,), "amber")
        return Situation(title, text, timeline, (widen,))
    if facts.held_by == "quota" and facts.next_at > now + SOON:  # sooner it is only the gap between two messages
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
    if facts.is_daily and facts.waits_because:
        text = _("%(reason)s. It is tried again every hour.") % {"reason": facts.waits_because}
        models = Action(_("Open the models"), page="models:index", number=-1)
        run = Action(_("Try again now"), post="campaigns:run-day")
        return Situation(_("New people wait for a model"), text, run, (models,), "amber")
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
    if facts.waits_because:
        text += " " + _("New people wait for a model: %(reason)s.") % {"reason": facts.waits_because}
    return text
