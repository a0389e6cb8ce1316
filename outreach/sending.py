"""The sections of `outreach.toml` about sending: policy numbers, quiet hours, the browser of network accounts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from outreach.core.errors import Invalid
from outreach.limits.openings import parse_hours
from outreach.operating import Section


class QuietHours(Section):
    """When unsolicited text messages may arrive, in the recipient's time. Defaults, not legal advice.

    `HH:MM-HH:MM`, perhaps with other hours on named days: `09:00-20:00, sun 12:00-20:00`. The default holds everywhere;
    a rule of a country (`US`) or a state (`US-FL`) narrows it there.
    """

    is_enforced: bool = True
    """Whether texts wait for the hours below; false leaves it to you."""
    default: str = "09:00-20:00, sun 12:00-20:00"
    """The hours in which texts may arrive where no rule says otherwise."""
    rules: dict[str, str] = Field(
        default_factory=lambda: {
            "US": "08:00-21:00",
            "US-CT": "09:00-20:00",
            "US-FL": "08:00-20:00",
            "US-MD": "08:00-20:00",
            "US-MS": "08:00-20:00",
            "US-NJ": "08:00-20:00",
            "US-OK": "08:00-20:00",
            "US-RI": "09:00-18:00",
            "US-TX": "09:00-21:00, sun 12:00-21:00",
        }
    )
    """Narrower hours by country (`US`) or state (`US-FL`)."""

    @field_validator("default", "rules")
    @classmethod
    def _readable(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        for text in value.values() if isinstance(value, dict) else (value,):
            try:
                parse_hours(text)
            except Invalid as error:
                raise ValueError(error.reason) from error
        return value


class Delivery(Section):
    """Policy numbers for sending; the operator's manual explains them."""

    lease_seconds: int = Field(default=120, ge=10, le=3600)
    """A worker has to send a claimed message within this time; then another worker may claim it."""
    batch_size: int = Field(default=20, ge=1, le=500)
    """Messages that a worker claims at once for one sender."""
    overdue_minutes: int = Field(default=60, ge=5, le=10_080)
    """A message that is later than this is not sent by itself: a person decides."""
    max_attempts: int = Field(default=5, ge=1, le=20)
    """So many passing faults, and a message counts as failed."""
    mailbox_poll_max_age_minutes: int = Field(default=30, ge=1, le=1440)
    """Follow-ups wait while the mailbox was not read for longer than this: an answer could be in it."""
    soft_bounces_in_a_row: int = Field(default=3, ge=1, le=20)
    """So many e-mails to one address that come back without a final reason, and it is no longer written to."""
    max_attachment_megabytes: int = Field(default=10, ge=1, le=25)
    """Of all files of one message together; providers refuse messages of 25 to 40 MB, which is 18 to 29 before encoding."""

    messages_per_lead_per_day: int = Field(default=3, ge=1, le=100)
    """In any 24 hours, on all channels together; answers to what they wrote are not held back by it."""
    release_pace_seconds: int = Field(default=30, ge=1, le=3600)
    """Between two messages of a sender when a held batch is let go again."""
    live_minutes: int = Field(default=120, ge=0, le=1440)
    """How long after a text of theirs an answer may arrive in quiet hours."""
    sms_consent_bases: tuple[Literal["express", "implied", "legitimate_interest"], ...] = Field(
        default=("express", "implied", "legitimate_interest"), min_length=1
    )
    """Which lines of the consent ledger allow a text message."""
    first_sms: Literal["append", "refuse"] = "append"
    """What happens to a first text that does not name us and the opt-out words: they are added, or it is refused."""
    quiet_hours: QuietHours = Field(default_factory=QuietHours)


class Network(Section):
    """The browser in which accounts of a professional network work."""

    browser_executable: str = ""
    """Empty: Debian's Chromium, else Playwright's own."""
    is_headless: bool = True
    """Whether the browser works without a window."""
    page_timeout_seconds: float = Field(default=30, gt=0, le=300)
    """A page has to be loaded within this time."""
    keystroke_milliseconds: int = Field(default=40, ge=0, le=1000)
    """Between two letters; pauses before a click grow with it. 0: no rhythm at all, for tests."""
    idle_close_seconds: float = Field(default=60, gt=0, le=3600)
    """The browser is closed after doing nothing for so long."""
