"""Before a campaign's start: whatever is missing first, as a sentence and a button. Pure."""

from __future__ import annotations

from campaigns.models import CANDIDATE
from campaigns.overview.terms import REVIEW, Action, Facts, Situation, unreviewed
from outreach.core.words import gettext as _
from outreach.core.words import ngettext


def before_start(facts: Facts) -> Situation:
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
    if facts.stages.get(CANDIDATE.MATCHED) or facts.is_brief_changed:
        if facts.is_model_missing:
            text = _("“%(brief)s” asks a language model, but none is set up, so its rules decide alone.")
        elif facts.is_brief_changed:
            text = _("“%(brief)s” was changed. Qualify everyone again.")
        else:
            text = _("“%(brief)s” decides who is written to, with reasons.")
        return Situation(_("People wait to be qualified"), text % {"brief": facts.brief}, judge, (everyone,))
    refused, unclear = facts.stages.get(CANDIDATE.DISQUALIFIED, 0), facts.stages.get(CANDIDATE.SHORTLISTED, 0)
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
    unwritten = facts.stages.get(CANDIDATE.QUALIFIED, 0)
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
            "The drafts for %(count)s person wait for you. Nothing is sent until you approve them.",
            "The drafts for %(count)s people wait for you. Nothing is sent until you approve them.",
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
        return Situation(_("Partly reviewed"), text, rest, (start_with_the_approved(start, facts),))
    text = _("%(approved)s Messages leave within the hours and limits.") % {"approved": approved}
    return Situation(_("Ready to start"), text, start, tone="green")


def start_with_the_approved(start: Action, facts: Facts) -> Action:
    """“Start” while drafts are unread says for how many it starts, and asks."""
    label = ngettext("Start with %(count)s person", "Start with %(count)s people", facts.approved) % {
        "count": facts.approved
    }
    return Action(label, post=start.post, confirm=unreviewed(facts.unread))


def daily_before_start(facts: Facts) -> Situation:
    if facts.obstacles:
        return Situation(_("Not ready to start"), facts.obstacles[0].text, facts.obstacles[0].fix, tone="amber")
    text = _("Once started, it takes the best of “%(segment)s” every day.") % {"segment": facts.segment}
    return Situation(_("Ready to start"), text, Action(_("Start"), post="campaigns:start"), tone="green")
