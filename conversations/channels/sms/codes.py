"""Twilio's error codes: whose fault, what to tell a person, when to try again. Pure data.

Codes below 30000 refuse the request; codes from 30000 on come later, by status callback, as a rule.
Source: https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from conversations.channels.base import Fault, NotSent
from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop, joined


@dataclass(frozen=True)
class Code:
    """`retries` says how often the same text may be tried again after it failed on the way."""

    fault: Fault
    sentence: str
    retry_after: timedelta | None = None
    retries: int = 0


_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

CODES: dict[int, Code] = {
    20003: Code(Fault.SENDER, gettext_noop("Twilio rejected the account SID or auth token. Enter them again.")),
    20005: Code(Fault.SENDER, gettext_noop("The Twilio account is suspended or inactive. See Twilio's console.")),
    20404: Code(Fault.SENDER, gettext_noop("Twilio cannot find this account or resource. Check the account SID.")),
    20429: Code(Fault.PASSING, gettext_noop("Twilio isn't accepting more requests right now."), _MINUTE),
    20503: Code(Fault.PASSING, gettext_noop("Twilio is currently unavailable."), _MINUTE),
    21211: Code(Fault.ADDRESS, gettext_noop("This is not a valid phone number.")),
    21212: Code(Fault.SENDER, gettext_noop("The sender's own number is not valid.")),
    21217: Code(Fault.ADDRESS, gettext_noop("This is not a valid phone number.")),
    21265: Code(Fault.ADDRESS, gettext_noop("Short codes cannot receive messages.")),
    21408: Code(
        Fault.SENDER, gettext_noop("The Twilio account may not send to this region. Allow it in Twilio's console.")
    ),
    21601: Code(Fault.SENDER, gettext_noop("The sender's number cannot send text messages.")),
    21602: Code(Fault.MESSAGE, gettext_noop("The text is empty.")),
    21603: Code(Fault.SENDER, gettext_noop("The sender has no number and no messaging service.")),
    21604: Code(Fault.ADDRESS, gettext_noop("There is no number to send to.")),
    21606: Code(
        Fault.SENDER,
        gettext_noop("The sender's number doesn't belong to this Twilio account or cannot send text messages."),
    ),
    21608: Code(
        Fault.SENDER,
        gettext_noop("A Twilio trial account can only send to verified numbers. Verify the number or upgrade."),
    ),
    21609: Code(
        Fault.SENDER, gettext_noop("Twilio cannot reach the address for delivery reports. Set PUBLIC_BASE_URL.")
    ),
    21610: Code(Fault.OPTED_OUT, gettext_noop("The recipient opted out at Twilio (STOP).")),
    21611: Code(Fault.PASSING, gettext_noop("The queue of the sender's number is full."), timedelta(minutes=10)),
    21612: Code(
        Fault.SENDER, gettext_noop("The sender's number cannot reach this number. Use another sender for its region.")
    ),
    21614: Code(Fault.ADDRESS, gettext_noop("This is not a mobile number.")),
    21617: Code(Fault.MESSAGE, gettext_noop("The text is longer than 1,600 characters.")),
    21620: Code(
        Fault.MESSAGE,
        gettext_noop("Twilio cannot fetch a file from its address. Check that PUBLIC_BASE_URL is reachable."),
    ),
    21623: Code(Fault.MESSAGE, gettext_noop("The message has too many files.")),
    12300: Code(Fault.MESSAGE, gettext_noop("Twilio doesn't accept this file type.")),
    30019: Code(Fault.MESSAGE, gettext_noop("The files are too large for the recipient's carrier.")),
    21635: Code(Fault.ADDRESS, gettext_noop("This is a landline.")),
    21659: Code(Fault.SENDER, gettext_noop("The sender's number does not belong to this Twilio account.")),
    21660: Code(Fault.SENDER, gettext_noop("The sender's number belongs to another Twilio account.")),
    21701: Code(Fault.SENDER, gettext_noop("The messaging service does not exist.")),
    21703: Code(Fault.SENDER, gettext_noop("The messaging service has no number to send from.")),
    30001: Code(
        Fault.PASSING, gettext_noop("The queue of the sender's number is full."), timedelta(minutes=10), retries=3
    ),
    30002: Code(Fault.SENDER, gettext_noop("The Twilio account was suspended before the message was sent.")),
    30003: Code(Fault.PASSING, gettext_noop("The phone is switched off or unreachable."), 4 * _HOUR, retries=1),
    30004: Code(Fault.MESSAGE, gettext_noop("The recipient or the carrier blocks messages from this sender.")),
    30005: Code(Fault.ADDRESS, gettext_noop("The number is unknown or no longer in use.")),
    30006: Code(Fault.ADDRESS, gettext_noop("This is a landline or a network without text messages.")),
    30007: Code(Fault.MESSAGE, gettext_noop("The carrier filtered the message. Never send the same text again.")),
    30008: Code(Fault.PASSING, gettext_noop("The carrier did not say why it failed."), _HOUR, retries=1),
    30022: Code(Fault.PASSING, gettext_noop("The registered campaign sends too fast (10DLC)."), _MINUTE, retries=3),
    30023: Code(Fault.PASSING, gettext_noop("The registered campaign reached its daily cap (10DLC)."), _DAY, retries=1),
    30032: Code(Fault.SENDER, gettext_noop("The toll-free number is not verified. Verify it in Twilio's console.")),
    30034: Code(
        Fault.SENDER, gettext_noop("The number is not registered for A2P 10DLC. Register it in Twilio's console.")
    ),
    63038: Code(Fault.SENDER, gettext_noop("The Twilio account reached its daily limit of messages.")),
}


def explain(code: int) -> Code:
    """The meaning of `code`; an unknown one is taken to be about the message only."""
    known = CODES.get(code)
    if known is None:
        return Code(Fault.MESSAGE, _("Twilio rejected the message with error %(code)s.") % {"code": code})
    return replace(known, sentence=_(known.sentence))


def not_sent(code: int, detail: str = "") -> NotSent:
    """The refusal that `code` stands for."""
    known = explain(code)
    reason = joined("", (known.sentence, f" (Twilio {code}: {detail})" if detail else f" (Twilio {code})"))
    return NotSent(known.fault, str(code), reason, retry_after=known.retry_after)
