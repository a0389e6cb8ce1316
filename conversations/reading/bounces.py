"""Reads delivery notices and abuse reports: the recipient, the reason, and whether the address is dead. Pure.

Order of trust: machine-readable reports (RFC 3464, RFC 5965) of the mail itself, never of a mail attached to it (a
person may forward a notice), then the words of the common mail servers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conversations.reading import mime
from conversations.reading.addresses import addresses_in
from conversations.reading.bounce_texts import is_from_mail_system, text_recipients
from conversations.reading.mail import Mail
from conversations.reading.mime import Part
from conversations.reading.reasons import EXTENDED, HARD, Reason, classify
from conversations.reading.returned import Returned, read_returned, text_of
from conversations.reading.text import decode_words, squeezed

MAX_RECIPIENTS = 100
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})


@dataclass(frozen=True)
class Recipient:
    """One recipient of a notice. `address` is the one we wrote to, as far as the notice says."""

    address: str
    reason: Reason
    status: str = ""
    """RFC 3463, for example 5.1.1; empty when not told."""
    action: str = ""
    diagnostic: str = ""
    final_address: str = ""

    @property
    def is_hard(self) -> bool:
        return self.reason in HARD


@dataclass(frozen=True)
class Notice:
    """A bounce, receipt or complaint. `returned_ids` are the Message-IDs of what it is about, likeliest first."""

    kind: str
    """bounce, receipt or complaint"""
    recipients: tuple[Recipient, ...]
    returned_ids: tuple[str, ...]
    source: str
    """dsn, text or arf"""

    @property
    def is_hard(self) -> bool:
        return any(r.is_hard for r in self.recipients)


# --- complaints --------------------------------------------------------------------------------------------------------

_COMPLAINT_SUBJECT = re.compile(
    r"^\W*(?:complaint about (?:message|e-?mail) from|(?:abuse|spam|fbl|feedback loop) (?:report|complaint|notification)|email feedback report|e-?mail abuse report|жалоба на (?:спам|рассылку))",
    re.IGNORECASE,
)


def read_complaint(mail: Mail) -> Notice | None:
    """An abuse report, in ARF (RFC 5965) or in words, or None."""
    for part in mail.root.walk(is_deep=False):
        if part.kind == "message/feedback-report":
            return _arf(part, mail)
    report_type = mail.root.parameters.get("report-type", "").lower()
    is_report = mail.root.kind == "multipart/report" and "feedback" in report_type
    returned = read_returned(mail)
    if is_report or (_COMPLAINT_SUBJECT.match(mail.subject) and returned.is_attached and not mail.thread_ids):
        return _complaint("abuse", returned.to, returned, mail)
    return None


def _arf(part: Part, mail: Mail) -> Notice | None:
    fields = _fields(part)
    kind = _field(fields, "feedback-type").lower() or "abuse"
    if kind in {"not-spam", "auth-failure", "dmarc", "dkim"}:
        return None
    returned = read_returned(mail)
    values = (
        fields.get("original-rcpt-to", []) + fields.get("removal-recipient", []) + fields.get("original-recipient", [])
    )
    told = addresses_in(" ".join(values))
    return _complaint(kind, tuple(told) or returned.to, returned, mail)


def _complaint(kind: str, recipients: tuple[str, ...], returned: Returned, mail: Mail) -> Notice:
    return Notice(
        "complaint",
        tuple(Recipient(a, Reason.COMPLAINT, diagnostic=kind) for a in recipients[:MAX_RECIPIENTS]),
        _ids(mail, returned),
        "arf",
    )


# --- bounces -----------------------------------------------------------------------------------------------------------


def read_bounce(mail: Mail) -> Notice | None:
    """A delivery notice of any style, or None when the mail is none."""
    is_system = is_from_mail_system(mail)
    blocks = _status_blocks(mail, is_system=is_system)
    if not (blocks or is_system):
        return None
    returned = read_returned(mail)
    recipients = _unique(r for block in blocks if (r := _dsn_recipient(block, mail, returned)))
    if recipients:
        kind = "receipt" if all(r.reason is Reason.DELIVERED for r in recipients) else "bounce"
        return Notice(kind, recipients, _ids(mail, returned), "dsn")
    found = text_recipients(mail, returned, is_report=bool(blocks))
    if found is None:
        return None
    told = _unique(Recipient(t.address, t.reason, t.status, t.action, t.diagnostic) for t in found)
    return Notice("bounce", told, _ids(mail, returned), "text")


def _unique(found: Iterator[Recipient] | list[Recipient]) -> tuple[Recipient, ...]:
    """Each address once, the worst that is said of it."""
    best: dict[str, Recipient] = {}
    for recipient in found:
        before = best.get(recipient.address)
        if before is None or (recipient.is_hard and not before.is_hard):
            best[recipient.address] = recipient
        if len(best) >= MAX_RECIPIENTS:
            break
    return tuple(best.values())


def _status_blocks(mail: Mail, *, is_system: bool) -> list[dict[str, list[str]]]:
    """The recipient blocks of the mail's own delivery reports."""
    is_report = mail.root.kind == "multipart/report"
    if not (is_report or is_system):
        return []  # a person passed a report on
    found = [part for part in mail.root.walk(is_deep=False) if part.kind in _STATUS_PARTS]
    if not found and is_system:
        # gateways wrap a notice into another message
        found = [part for part in mail.root.walk() if part.kind in _STATUS_PARTS]
    blocks: list[dict[str, list[str]]] = []
    for part in found:
        text = part.text.lstrip("\n")
        blocks += [_parsed(block) for block in re.split(r"\n[ \t]*\n", text)[: MAX_RECIPIENTS * 2]]
    return [
        b
        for b in blocks
        if b.get("final-recipient") or b.get("original-recipient") or b.get("status") or b.get("action")
    ]


def _dsn_recipient(block: dict[str, list[str]], mail: Mail, returned: Returned) -> Recipient | None:
    final, original = _typed(_field(block, "final-recipient")), _typed(_field(block, "original-recipient"))
    action = re.split(r"[\s;(]", _field(block, "action").lower().strip())[0]
    status = (EXTENDED.search(_field(block, "status")) or [""])[0]
    if not (action or status):
        return None
    address = original or final
    if final and original and original not in returned.to and final in returned.to:
        address = final
    if not address:
        failed = addresses_in(mail.header("x-failed-recipients"))
        address = failed[0] if failed else returned.to[0] if len(returned.to) == 1 else ""
    if not address:
        return None
    diagnostic = re.sub(r"^\s*[\w-]+\s*;\s*", "", " ".join(block.get("diagnostic-code", [])[:3]))
    diagnostic = squeezed(decode_words(diagnostic))
    reason = classify(status, diagnostic or status, action)
    if reason in {Reason.OTHER, Reason.TEMPORARY} and action != "delayed":
        reason = _reason_in_words(mail, address, status, action, reason)
    return Recipient(address, reason, status, action, diagnostic[:1_000], final)


def _reason_in_words(mail: Mail, address: str, status: str, action: str, reason: Reason) -> Reason:
    """Some systems put the reason into the part for people only."""
    if reason is Reason.TEMPORARY and not status.endswith("0.0"):
        return reason
    words = about(text_of(mail.root), address)
    told = classify("" if status.endswith(".0.0") else status, words, action)
    return told if told in {*HARD, Reason.MAILBOX_FULL, Reason.POLICY, Reason.CONTENT} else reason


def about(text: str, address: str) -> str:
    """What the notice says after its first mention of `address`, at most 1,500 characters."""
    at = text.lower().find(address)
    if at < 0:
        return text[:2_000]
    line = text.rfind("\n", 0, at) + 1
    return text[line : line + 1_500]


def _parsed(block: str) -> dict[str, list[str]]:
    return mime.parse(block.strip("\n").encode("utf-8", "replace") + b"\n\n").headers


def _fields(part: Part) -> dict[str, list[str]]:
    return _parsed(re.split(r"\n[ \t]*\n", part.text.strip("\n"))[0])


def _field(fields: dict[str, list[str]], name: str) -> str:
    return decode_words(next(iter(fields.get(name, ())), ""))


def _typed(value: str) -> str:
    """`rfc822; sam@acme.example` → the address."""
    text = value.partition(";")[2] or value
    text = re.sub(r"^\s*<?\s*(?:smtp|mailto):", "", text.strip(), flags=re.IGNORECASE)
    found = addresses_in(text)
    return found[0] if found else ""


def _ids(mail: Mail, returned: Returned) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*returned.ids, *mail.thread_ids)))
