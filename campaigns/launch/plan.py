"""The plan of a campaign as one value: built by form, API, command and one click alike, and checked in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from campaigns.audience.discovery import checked_sources
from campaigns.launch.hours import check_hours, checked_window
from campaigns.models import LANGUAGES, Campaign, language_of
from campaigns.steps.plan import StepPlan, check_steps
from conversations.playbooks.models import Playbook
from leads.qualification.models import Brief
from leads.segments.models import SegmentVersion
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.limits.calendars import parse_zone

OF_STREAM = ("name", "window", "daily_cap", "skips_holidays")
"""What the campaign's stream keeps."""


@dataclass(frozen=True, kw_only=True)
class CampaignPlan:
    """Who (segment version, brief), what (steps, words, playbook), from which senders and when.

    All but `steps`, `window` and `daily_cap` are columns of `Campaign` of the same name.
    """

    name: str
    segment_version: SegmentVersion
    steps: Sequence[StepPlan]
    brief: Brief | None = None
    playbook: Playbook | None = None
    goal: str = ""
    offer: str = ""
    offer_translations: Mapping[str, str] = field(default_factory=dict)
    booking_url: str = ""
    window: Mapping[str, Any] | None = None
    daily_cap: int | None = None
    start_at: datetime | None = None
    mode: str = Campaign.Mode.ONCE
    time_zone: str = "UTC"
    is_stopped_by_company: bool = False
    skips_holidays: bool = False
    keeps_busy: bool = False
    waits_for_model: bool = True
    daily_limit: int | None = None
    sources: Sequence[Mapping[str, Any]] = ()

    def checked(self) -> CampaignPlan:
        """The plan as it is stored. Raises `Invalid` naming the field.

        Refused are an empty name, no steps, a sender or pack of another channel, a condition on a step that does not
        exist, an unknown mode or zone, a window that never opens (also not together with a sender's hours), a cap of
        zero, and an offer that is not written in its language.
        """
        if not self.name.strip():
            raise Invalid("name", _("Enter a name for the campaign."))
        check_steps(self.steps)
        window = checked_window(self.window)
        check_hours(window, [step.sender for step in self.steps if step.sender is not None])
        if self.mode not in Campaign.Mode.values:
            raise Invalid("mode", _("Unknown mode “%(mode)s”. Use “once” or “daily”.") % {"mode": self.mode})
        parse_zone(self.time_zone)
        for name in ("daily_cap", "daily_limit"):
            cap = getattr(self, name)
            if cap is not None and cap < 1:
                text = _("A cap of zero sends nothing. Leave it empty, or pause instead.")
                raise Invalid(name, text, code="cap_zero")
        return replace(
            self,
            name=self.name.strip(),
            window=window,
            goal=self.goal.strip(),
            offer=self.offer.strip(),
            offer_translations=self._checked_offers(),
            booking_url=self.booking_url.strip(),
            sources=checked_sources(self.sources),
        )

    def _checked_offers(self) -> dict[str, str]:
        """An offer counts for the language that it is written in; each language once."""
        found = {code: text.strip() for code, text in self.offer_translations.items() if text.strip()}
        for code, text in found.items():
            if code not in LANGUAGES:
                reason = _("Campaigns support English and Russian.")
                raise Invalid("offer_translations", reason, code="wrong_choice")
            if language_of(text) != code:
                reason = _("The offer for %(language)s is not written in that language.") % {
                    "language": LANGUAGES[code]
                }
                raise Invalid("offer_translations", reason)
        if self.offer.strip() and language_of(self.offer) in found:
            language = LANGUAGES[language_of(self.offer)]
            reason = _("The offer is given twice in %(language)s.") % {"language": language}
            raise Invalid("offer_translations", reason)
        return found

    def columns(self) -> dict[str, Any]:
        """What the campaign's own row keeps."""
        names = [one.name for one in fields(self) if one.name not in ("steps", "window", "daily_cap")]
        return {name: getattr(self, name) for name in names}

    def of_stream(self) -> dict[str, Any]:
        """What the row of its stream keeps."""
        return {name: getattr(self, name) for name in OF_STREAM}
