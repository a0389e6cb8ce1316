"""What stands between a campaign and its first message, in words. Unknown never counts as wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.drafts.models import Draft
from campaigns.models import UNJUDGED, Campaign
from outreach.core.errors import Invalid
from outreach.limits.calendars import format_minute, parse_window
from outreach.prompts.lint import lint
from outreach.prompts.models import PackVersion
from outreach.prompts.rendering import pack_of, required_variables

GONE = ("excluded", "evicted", "disqualified")


@dataclass(frozen=True)
class Problem:
    """One thing to mend or to know. `place` names where: senders, audience, packs, window, drafts."""

    place: str
    text: str
    is_blocking: bool = True


def checked_window(window: Mapping[str, Any] | None) -> dict[str, Any]:
    """The sending window `{days, start, end}` as it is stored; empty for any time.

    Raises `Invalid("window", …)` for a window that never opens.
    """
    parsed = parse_window(window)
    if parsed.is_always:
        return {}
    return {
        "days": sorted(parsed.days),
        "start": format_minute(parsed.start),
        "end": format_minute(parsed.end),
    }


def check(campaign: Campaign) -> list[Problem]:
    """All problems of `campaign`, those that forbid a start first."""
    problems = [*_senders(campaign), *_audience(campaign), *_packs(campaign), *_window(campaign), *_drafts(campaign)]
    return sorted(problems, key=lambda problem: not problem.is_blocking)


def _senders(campaign: Campaign) -> list[Problem]:
    problems = []
    for step in campaign.steps.select_related("sender"):
        sender = step.sender
        if sender.state != "active":
            problems.append(
                Problem(
                    "senders",
                    _("Step %(number)s: the sender “%(sender)s” is not active (%(state)s); verify or resume it.")
                    % {"number": step.number, "sender": sender.name, "state": sender.get_state_display()},
                )
            )
        if sender.channel != step.channel:
            problems.append(
                Problem("senders", _("Step %(number)s: its sender uses another channel.") % {"number": step.number})
            )
    return problems


def _audience(campaign: Campaign) -> list[Problem]:
    if not campaign.audience_frozen_at:
        return [Problem("audience", _("The audience is not frozen yet."))]
    if not campaign.candidates.exclude(stage__in=GONE).exists():
        return [Problem("audience", _("Nobody is left in the audience."))]
    unjudged = campaign.candidates.filter(stage__in=UNJUDGED).count() if campaign.brief_id else 0
    if unjudged:
        return [
            Problem(
                "audience",
                ngettext(
                    "%(count)s candidate waits for a verdict and will get nothing.",
                    "%(count)s candidates wait for a verdict and will get nothing.",
                    unjudged,
                )
                % {"count": unjudged},
                is_blocking=False,
            )
        ]
    return []


def _packs(campaign: Campaign) -> list[Problem]:
    problems = []
    for step in campaign.steps.select_related("pack_version", "sender"):
        faults = [fault for fault in lint(pack_of(step.pack_version)) if fault.is_error]
        if faults:
            problems.append(
                Problem(
                    "packs",
                    _("Step %(number)s: the prompt pack “%(pack)s” has a fault: %(fault)s")
                    % {"number": step.number, "pack": step.pack_version.name, "fault": faults[0].text},
                )
            )
            continue
        problems += [
            Problem(
                "plan",
                _("Step %(number)s: the prompt pack “%(pack)s” needs this campaign's “%(word)s”, which is empty.")
                % {"number": step.number, "pack": step.pack_version.name, "word": word},
            )
            for word in _missing_words(campaign, step.pack_version)
        ]
        problems += [
            Problem(
                "senders",
                _("Step %(number)s: the sender “%(sender)s” has no display name, which its prompt pack signs with.")
                % {"number": step.number, "sender": step.sender.name},
            )
            for _name in {"sender_name"} & _needed(step.pack_version)
            if not (step.sender.display_name or settings.OUTREACH.company.name)
        ]
    return problems


def _needed(version: PackVersion) -> set[str]:
    """Variables without which some language of the pack cannot be written."""
    return set().union(*(required_variables(version, code) for code in version.languages))


def _missing_words(campaign: Campaign, version: PackVersion) -> list[str]:
    """What the pack needs of the campaign itself and does not get. An offer may stand in the goal."""
    given = {
        "offer": (_("offer"), campaign.offer or campaign.goal),
        "goal": (_("goal"), campaign.goal),
        "booking_url": (_("booking link"), campaign.booking_url),
    }
    return [word for name, (word, value) in given.items() if name in _needed(version) and not value]


def _window(campaign: Campaign) -> list[Problem]:
    try:
        checked_window(campaign.stream.window)
    except Invalid as error:
        return [Problem("window", error.reason)]
    return []


def _drafts(campaign: Campaign) -> list[Problem]:
    if not campaign.audience_frozen_at:
        return []
    approved = Draft.objects.filter(candidate=OuterRef("pk"), state__in=("approved", "handed_over"))
    if not campaign.candidates.filter(Exists(approved)).exists():
        return [Problem("drafts", _("No draft is approved yet: nothing would be sent."))]
    return []
