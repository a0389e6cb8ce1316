"""`inspect mail`, `inspect text`, `inspect sms`: how an input from outside is understood."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice, tee
from pathlib import Path
from typing import Annotated, Any

import typer

from conversations.reading import incoming
from conversations.reading.incoming import Incoming, Kind
from conversations.replies import intents
from outreach.core import clock
from outreach.core.management.commands.inspect import Command as Inspect
from outreach.core.sms_segments import segment
from outreach.core.terminal import AsJson, emit

Lines = Annotated[list[str] | None, typer.Argument(help="Texts (default: lines from standard input)")]


BATCH = 64
"""Mails that are in memory at once."""


@dataclass(frozen=True)
class _Words:
    """What a mail's intent is read from. `is_certain`: it is known where the words begin."""

    text: str
    subject: str
    today: date
    is_persons: bool
    is_certain: bool


@Inspect.command()
def mail(
    files: Annotated[list[Path], typer.Argument(help="Raw messages (.eml); - is standard input")],
    as_json: AsJson = False,
) -> None:
    """Raw e-mails: class, bounce recipients, status, reason, hard or soft, reply text, intent."""
    emit(_mails(files), as_json=as_json)


@Inspect.command()
def text(texts: Lines = None, as_json: AsJson = False) -> None:
    """Replies: intent, opt-out (certain, and its tier) or held (suspected), confidence, date, language, reasons."""
    emit(_texts(_lines(texts)), as_json=as_json)


@Inspect.command()
def sms(texts: Lines = None, as_json: AsJson = False) -> None:
    """Text messages: encoding, segments, and the characters that force the wider encoding."""
    emit((describe_sms(line) for line in _lines(texts)), as_json=as_json)


def _lines(texts: Iterable[str] | None) -> Iterator[str]:
    if texts:
        yield from texts
    else:
        for line in sys.stdin:
            yield line.rstrip("\r\n")


def _mails(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """A row for each file, read some dozens at a time: what words want is told quicker of many at once."""
    remaining = iter(files)
    while batch := list(islice(remaining, BATCH)):
        yield from _with_intents([_described_file(file) for file in batch])


def _described_file(file: Path) -> tuple[dict[str, Any], _Words | None]:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        return {"file": str(file), "kind": None, "class": None, "error": error.strerror or str(error)}, None
    row, words = _described_mail(raw)
    return {"file": str(file), **row}, words


def _with_intents(rows: list[tuple[dict[str, Any], _Words | None]]) -> Iterator[dict[str, Any]]:
    """The rows with what their words want; a day that words name counts from the day of their mail."""
    today = clock.now().date()
    asked = [(words.text, words.subject) for _, words in rows if words is not None]
    found = intents.understand_all(asked, today=today, is_sms=False)
    for row, words in rows:
        if words is None:
            yield row
            continue
        understood = next(found)
        if understood.until is not None and words.today != today:
            understood = intents.understand(words.text, today=words.today, subject=words.subject, is_sms=False)
        yield row | _words_of(words, understood)


_CLASSES = {
    Kind.PERSON: "human",
    Kind.ABSENCE: "auto_reply",
    Kind.LEFT: "auto_reply",
    Kind.AUTO_REPLY: "auto_reply",
}
"""The coarse class of a kind, where it has another name."""
_INTENTS = {Kind.ABSENCE: "out_of_office", Kind.LEFT: "auto_reply", Kind.PERSON: None}
"""The intent of what no person's words tell, where it has another name than its kind."""


def _described_mail(raw: bytes) -> tuple[dict[str, Any], _Words | None]:
    """One raw e-mail without what its words want, and these words where it has any."""
    read = incoming.read(raw, now=clock.now())
    mail = read.mail
    row: dict[str, Any] = {
        "kind": str(read.kind),
        "class": _CLASSES.get(read.kind, str(read.kind)),
        "from": mail.from_address,
        "from_name": mail.from_name,
        "to": list(mail.to),
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "message_id": mail.message_id,
        "thread_ids": list(read.original_ids or mail.thread_ids),
        "recipients": [],
        "bounce_recipients": [],
        "status": None,
        "reason": None,
        "is_hard": None,
        "returns_on": None,
        "is_over": None,
        "referral": None,
        "calendar": None,
        "reaction": read.reaction or None,
        "report": read.report or None,
        "is_read": read.is_read,
        "reply": read.reply,
        "quoted": read.split.quoted[:2_000],
        "signature": read.split.signature[:2_000],
        "attachments": list(mail.attachments),
        "unreadable": mail.unreadable or None,
        "is_truncated": mail.is_truncated,
        "intent": _INTENTS.get(read.kind, str(read.kind)),
        "confidence": None,
        "until": None,
        "opt_out": False,
        "tier": None,
        "is_held": False,
        "language": "",
        "reasons": [],
        "error": None,
    }
    return row | _notice_of(read) | _automatic_of(read) | _calendar_of(read), _words_in(read)


def _notice_of(read: Incoming) -> dict[str, Any]:
    notice = read.notice
    if notice is None:
        return {}
    first = next((r for r in notice.recipients if r.is_hard), next(iter(notice.recipients), None))
    return {
        "recipients": [
            {
                "address": r.address,
                "status": r.status,
                "action": r.action,
                "reason": str(r.reason),
                "is_hard": r.is_hard,
                "diagnostic": r.diagnostic[:300],
                "final_address": r.final_address or None,
            }
            for r in notice.recipients
        ],
        "bounce_recipients": [r.address for r in notice.recipients],
        "status": first.status if first else None,
        "reason": str(first.reason) if first else None,
        "is_hard": notice.is_hard,
        "reasons": [f"read as {notice.source}"],
    }


def _automatic_of(read: Incoming) -> dict[str, Any]:
    found = read.automatic
    if found is None:
        return {}
    return {
        "reason": str(found.kind),
        "returns_on": found.returns_on.isoformat() if found.returns_on else None,
        "is_over": found.is_over,
        "referral": found.referral or None,
        "reasons": list(found.reasons),
    }


def _calendar_of(read: Incoming) -> dict[str, Any]:
    found = read.calendar
    if found is None:
        return {}
    return {
        "calendar": {
            "answer": str(found.answer),
            "starts_at": found.starts_at.isoformat() if found.starts_at else None,
            "ends_at": found.ends_at.isoformat() if found.ends_at else None,
            "is_all_day": found.is_all_day,
            "uid": found.uid,
            "summary": found.summary,
            "attendee": found.attendee,
            "location": found.location,
        },
        "reason": str(found.answer),
    }


def _words_in(read: Incoming) -> _Words | None:
    """A person's words, or those of a note into which somebody may have written an opt-out."""
    if read.kind not in {Kind.PERSON, Kind.CALENDAR, Kind.ABSENCE, Kind.LEFT, Kind.AUTO_REPLY}:
        return None
    today = (read.mail.date or clock.now()).date()
    text = read.words or read.own_subject
    return _Words(text, read.own_subject, today, read.kind is Kind.PERSON, read.split.is_certain)


def _words_of(words: _Words, understood: intents.Understanding) -> dict[str, Any]:
    told: dict[str, Any] = {"language": understood.language}
    if words.is_persons:
        told |= {
            "intent": understood.intent,
            "confidence": understood.confidence,
            "until": understood.until.isoformat() if understood.until else None,
            "referral": understood.referral or None,
            "reasons": list(understood.reasons),
        }
    if understood.opt_out is not None:
        told |= {"opt_out": words.is_certain, "is_held": not words.is_certain, "tier": understood.opt_out.tier}
    elif understood.is_held and words.is_persons:
        told["is_held"] = True
    return told


def _texts(values: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The same for many, read together."""
    first, second = tee(values)
    found = intents.understand_all(((value, "") for value in first), today=clock.now().date())
    yield from (_described(value, each) for value, each in zip(second, found, strict=True))


def _described(value: str, found: intents.Understanding) -> dict[str, Any]:
    return {
        "text": value,
        "intent": found.intent,
        "opt_out": found.opt_out is not None,
        "is_held": found.is_held,
        "tier": found.opt_out.tier if found.opt_out else None,
        "language": found.language,
        "confidence": found.confidence,
        "until": found.until.isoformat() if found.until else None,
        "referral": found.referral or None,
        "reasons": list(found.reasons),
    }


def describe_sms(value: str) -> dict[str, Any]:
    """How one text message would be sent."""
    found = segment(value)
    return {
        "text": value,
        "encoding": found.encoding,
        "units": found.units,
        "segments": found.segment_count,
        "units_per_segment": found.units_per_part,
        "forced_by": [character for _, character in found.forced_by],
    }
