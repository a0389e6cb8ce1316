"""What prevents a campaign's first message, in words. Unknown never counts as wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from campaigns.drafts.models import Draft
from campaigns.launch.hours import check_hours, checked_window
from campaigns.launch.objections import objections
from campaigns.launch.warnings import warnings
from campaigns.models import CANDIDATE, LANGUAGES, Campaign, Candidate
from campaigns.steps import files
from campaigns.steps.models import Step
from campaigns.steps.senders import senders_of
from conversations.dispatch.readiness import mail_lacks
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.core.words import ngettext
from outreach.prompts.lint import lint
from outreach.prompts.models import PackVersion
from outreach.prompts.rendering import pack_of, required_variables


@dataclass(frozen=True)
class Problem:
    """One problem or warning. `place` is one of senders, audience, busy, packs, plan, window, files, drafts, unread,
    limits, domain, recipients."""

    place: str
    text: str
    is_blocking: bool = True


def check(campaign: Campaign, steps: list[Step] | None = None) -> list[Problem]:
    """All problems of `campaign`, those that forbid a start first; `steps` (with senders and packs) where they are known."""
    if steps is None:
        steps = list(campaign.steps.select_related("sender", "pack_version"))
    messages = [step for step in steps if not step.is_task]
    problems = [
        *_senders(messages),
        *_audience(campaign),
        *_packs(campaign, messages),
        *_languages(campaign, messages),
        *_conditions(steps),
        *_window(campaign, steps),
        *_files(campaign),
        *_drafts(campaign),
        *_deliverability(campaign, messages),
        *(Problem(o.place, o.text, o.is_blocking) for o in warnings(campaign, steps)),
    ]
    return sorted(problems, key=lambda problem: not problem.is_blocking)


def _senders(messages: list[Step]) -> list[Problem]:
    problems = []
    for step in messages:
        sender = step.first_sender
        if not sender.is_active:
            problems.append(
                Problem(
                    "senders",
                    _("Step %(number)s: the sender “%(sender)s” is not active (%(state)s). Verify or resume it.")
                    % {"number": step.number, "sender": sender.name, "state": sender.get_state_display()},
                )
            )
        problems += [
            Problem("senders", lack.sentence, lack.is_blocking)
            for lack in mail_lacks(sender)
            if lack.sentence not in {problem.text for problem in problems}
        ]
        if sender.channel != step.channel:
            problems.append(
                Problem("senders", _("Step %(number)s: its sender is for another channel.") % {"number": step.number})
            )
    return problems


def _audience(campaign: Campaign) -> list[Problem]:
    if campaign.mode == Campaign.Mode.DAILY:
        if campaign.discovery_error:
            text = _("The search for more leads failed: %(reason)s") % {"reason": campaign.discovery_error}
            return [Problem("sources", text, is_blocking=False)]
        return []  # its set lives: whoever comes is judged on the day
    if not campaign.audience_frozen_at:
        return [Problem("audience", _("The audience is not frozen yet."))]
    if not campaign.candidates.exclude(stage__in=CANDIDATE.out).exists():
        if not campaign.candidates.exists():
            text = _("The segment has no matches. Relax its conditions or choose another one.")
            return [Problem("audience", text)]
        return [Problem("audience", _("The audience is empty."))]
    unjudged = Candidate.objects.unjudged().filter(campaign=campaign).count() if campaign.brief_id else 0
    if unjudged:
        return [
            Problem(
                "audience",
                ngettext(
                    "%(count)s candidate has no verdict yet and won't be contacted.",
                    "%(count)s candidates have no verdict yet and won't be contacted.",
                    unjudged,
                )
                % {"count": unjudged},
                is_blocking=False,
            )
        ]
    return []


def _packs(campaign: Campaign, messages: list[Step]) -> list[Problem]:
    problems = []
    for step in messages:
        faults = [fault for fault in lint(pack_of(step.pack)) if fault.is_error]
        if faults:
            problems.append(
                Problem(
                    "packs",
                    _("Step %(number)s: the prompt pack “%(pack)s” has an error: %(fault)s")
                    % {"number": step.number, "pack": step.pack.name, "fault": faults[0].text},
                )
            )
            continue
        problems += [
            Problem(
                "plan",
                _("Step %(number)s: the prompt pack “%(pack)s” needs this campaign's “%(word)s”, which is empty.")
                % {"number": step.number, "pack": step.pack.name, "word": word},
            )
            for word in _missing_words(campaign, step.pack)
        ]
        problems += [
            Problem(
                "senders",
                _(
                    "Step %(number)s: the sender “%(sender)s” has no display name, which its prompt pack needs for "
                    "the signature."
                )
                % {"number": step.number, "sender": step.first_sender.name},
            )
            for _name in {"sender_name"} & _needed(step.pack)
            if not (step.first_sender.display_name or settings.OUTREACH.company.name)
        ]
    return problems


def _needed(version: PackVersion) -> set[str]:
    """Variables without which some language of the pack cannot be written."""
    return set().union(*(required_variables(version, code) for code in version.languages))


def needs(campaign: Campaign, variable: str) -> bool:
    """Whether the campaign's texts cannot be written without `variable`."""
    return any(variable in _needed(step.pack) for step in campaign.steps.all() if not step.is_task)


def _missing_words(campaign: Campaign, version: PackVersion) -> list[str]:
    """Campaign values that the pack needs and that are missing. The goal can stand in for an offer."""
    given = {
        "offer": (_("offer"), "; ".join(campaign.offers().values())),
        "goal": (_("goal"), campaign.goal),
        "booking_url": (_("booking link"), campaign.booking_url),
    }
    return [word for name, (word, value) in given.items() if name in _needed(version) and not value]


def _languages(campaign: Campaign, messages: list[Step]) -> list[Problem]:
    """Languages of people in the audience that the campaign has no offer in: they are written to in the other one."""
    offers = campaign.offers()
    packs = [step.pack for step in messages]
    lacking = {code for pack in packs for code in pack.languages if offers and code in LANGUAGES} - set(offers)
    return [
        Problem(
            "plan",
            _("There is no offer in %(language)s, so everyone gets the message in the other language.")
            % {"language": LANGUAGES[code]},
            is_blocking=False,
        )
        for code in sorted(lacking)
        if any("offer" in _needed(pack) and code in pack.languages for pack in packs)
        and campaign.candidates.exclude(stage__in=CANDIDATE.out).filter(lead__language=code).exists()
    ]


def _conditions(steps: list[Step]) -> list[Problem]:
    seen = ("opened", "not_opened", "clicked", "not_clicked")
    return [
        Problem(
            "plan",
            _("Step %(number)s depends on opens or clicks, which are only known with tracking on.")
            % {"number": step.number},
            is_blocking=False,
        )
        for step in steps
        if step.condition in seen
    ]


def _window(campaign: Campaign, steps: list[Step]) -> list[Problem]:
    try:
        checked_window(campaign.stream.window)
        check_hours(campaign.stream.window, senders_of(campaign, steps))
    except Invalid as error:
        return [Problem("window", error.reason)]
    return []


def _files(campaign: Campaign) -> list[Problem]:
    return [
        Problem("files", _("Step %(number)s: %(fault)s") % {"number": step.number, "fault": reason})
        for step, reason in files.missing(campaign)
    ]


def _drafts(campaign: Campaign) -> list[Problem]:
    if not campaign.audience_frozen_at or campaign.mode == Campaign.Mode.DAILY:
        return []
    if not Draft.objects.final().filter(step__campaign=campaign).exists():
        return [Problem("drafts", _("No drafts are approved yet, so nothing would be sent."))]
    return []


def _deliverability(campaign: Campaign, messages: list[Step]) -> list[Problem]:
    senders = [step.first_sender for step in messages]
    return [Problem(o.place, o.text, o.is_blocking) for o in objections(campaign, senders)]
