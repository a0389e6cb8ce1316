"""What an SMTP answer means: which fault, whose, and when to try again. Pure.

RFC 5321 and RFC 3463, and what the large providers make of them: x.7.x is about our reputation or permission, not about
the address; 421 and 454 slow the mailbox down, not the lead; 4xx never condemns an address.
"""

from __future__ import annotations

import re
from datetime import timedelta

from conversations.channels.base import Fault, NotSent
from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop

_ENHANCED = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_NO_SUCH_USER = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|person)|does not exist|doesn'?t exist|"
    r"mailbox (?:unavailable|not found|disabled)|recipient (?:not found|rejected: user|unknown)|invalid recipient|"
    r"account (?:is )?(?:disabled|inactive|suspended)|address (?:unknown|rejected: user)",
    re.IGNORECASE,
)
_REPUTATION = re.compile(
    r"block(?:ed|list)|blacklist|spamhaus|barracuda|reputation|\bspf\b|\bdkim\b|\bdmarc\b|relay|not permitted|"
    r"authenticat|banned|poor|listed at|rbl\b|dnsbl",
    re.IGNORECASE,
)
_CONTENT = re.compile(
    r"\bspam\b|content|virus|malware|phish|unsolicited|junk|message (?:rejected|refused)", re.IGNORECASE
)
_SLOW_DOWN = {421: timedelta(minutes=5), 454: timedelta(minutes=5)}
"""About the mailbox's pace, not about the message: told by the plain code."""


def refusal(stage: str, code: int, answer: str) -> NotSent:
    """The refusal behind `code` and `answer`, given at `stage`: connect, auth, mail, rcpt, data or dot."""
    enhanced = _ENHANCED.search(answer)
    status = enhanced[0] if enhanced and int(enhanced[1]) == code // 100 else ""
    shown = f"{code} {answer}".strip()
    if code < 500:
        return NotSent(
            Fault.PASSING,
            str(code) if code in _SLOW_DOWN else status or str(code),
            _("The mail server asks to try again later: %(answer)s") % {"answer": shown},
            retry_after=_wait(code, status),
        )
    if status == "5.2.2":
        return NotSent(
            Fault.PASSING,
            status,
            _("The mailbox is full: %(answer)s") % {"answer": shown},
            retry_after=timedelta(hours=12),
        )
    fault = _fault(stage, code, status, answer)
    sentence = _SENTENCE_AT.get(stage, _SENTENCE[fault])
    return NotSent(fault, status or str(code), f"{_(sentence)} {shown}")


_SENTENCE_AT = {"auth": gettext_noop("The mail server refused the user name or the password:")}


_SENTENCE = {
    Fault.ADDRESS: gettext_noop("This address cannot receive mail:"),
    Fault.MESSAGE: gettext_noop("The mail server rejected this message:"),
    Fault.SENDER: gettext_noop("The mail server rejected this sender. Check sign-in, domain records and reputation:"),
}


def _wait(code: int, status: str) -> timedelta:
    if status == "4.2.2":
        return timedelta(hours=4)
    return _SLOW_DOWN.get(code, timedelta(minutes=15))


def _fault(stage: str, code: int, status: str, answer: str) -> Fault:
    if stage in {"connect", "auth", "mail"} or code in {530, 534, 535, 538}:
        return Fault.SENDER
    if status:
        subject, detail = (int(part) for part in status.split(".")[1:])
        if by_status := _fault_by_status(subject, detail, stage, answer):
            return by_status
    if _NO_SUCH_USER.search(answer):
        return Fault.ADDRESS
    if stage == "rcpt":
        return Fault.SENDER if _REPUTATION.search(answer) else Fault.ADDRESS
    return Fault.SENDER if _REPUTATION.search(answer) and not _CONTENT.search(answer) else Fault.MESSAGE


def _fault_by_status(subject: int, detail: int, stage: str, answer: str) -> Fault | None:
    """The enhanced status (RFC 3463, RFC 7505) where it is clearer than the words."""
    match subject:
        case 1:
            return Fault.SENDER if detail in {7, 8} else Fault.ADDRESS
        case 2:
            return Fault.MESSAGE if detail == 3 else Fault.ADDRESS
        case 3:
            return Fault.MESSAGE if detail == 4 else None
        case 6:
            return Fault.MESSAGE
        case 7 if 120 <= detail <= 139:
            return Fault.ADDRESS  # Exchange: the recipient takes no mail from outside
        case 7:
            return Fault.MESSAGE if stage in {"data", "dot"} and _CONTENT.search(answer) else Fault.SENDER
    return None
