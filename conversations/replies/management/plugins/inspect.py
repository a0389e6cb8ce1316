"""`inspect mail`, `inspect text`, `inspect sms`: how an input from outside is understood."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from conversations.inbound import auto_replies, bounces, quotes
from conversations.inbound import mail as mails
from conversations.replies import intents
from outreach.core import clock
from outreach.core.management.commands.inspect import Command as Inspect
from outreach.core.sms_segments import segment
from outreach.core.terminal import AsJson, emit

Lines = Annotated[list[str] | None, typer.Argument(help="Texts; without any, a line each from standard input")]


@Inspect.command()
def mail(
    files: Annotated[list[Path], typer.Argument(help="Raw messages (.eml); - is standard input")],
    as_json: AsJson = False,
) -> None:
    """Raw e-mails: class, bounce recipients, status, reason, hard or soft, reply text, intent."""
    emit(_mails(files), as_json=as_json)


@Inspect.command()
def text(texts: Lines = None, as_json: AsJson = False) -> None:
    """Replies: intent, opt-out and its tier, language, reasons."""
    emit((describe_text(line) for line in _lines(texts)), as_json=as_json)


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
    for file in files:
        try:
            raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        except OSError as error:
            yield {"file": str(file), "class": None, "error": error.strerror or str(error)}
            continue
        yield {"file": str(file), **describe_mail(raw)}


def describe_mail(raw: bytes) -> dict[str, Any]:
    """What the product makes of one raw e-mail."""
    read = mails.parse(raw)
    row: dict[str, Any] = {
        "class": "human",
        "from": read.from_address,
        "subject": read.subject,
        "message_id": read.message_id,
        "thread_ids": list(read.thread_ids),
        "recipients": [],
        "bounce_recipients": [],
        "status": None,
        "reason": None,
        "is_hard": None,
        "returns_on": None,
        "referral": None,
        "reply": "",
        "intent": None,
        "opt_out": False,
        "language": "",
        "reasons": [],
        "error": None,
    }
    notice = bounces.read_complaint(read) or bounces.read_bounce(read)
    if notice is not None:
        first = notice.recipients[0] if notice.recipients else None
        return row | {
            "class": notice.kind,
            "recipients": [
                {
                    "address": r.address,
                    "status": r.status,
                    "action": r.action,
                    "reason": str(r.reason),
                    "is_hard": r.is_hard,
                    "diagnostic": r.diagnostic[:300],
                }
                for r in notice.recipients
            ],
            "bounce_recipients": [r.address for r in notice.recipients],
            "thread_ids": list(notice.returned_ids),
            "status": first.status if first else None,
            "reason": str(first.reason) if first else None,
            "is_hard": notice.is_hard,
            "intent": "complaint" if notice.kind == "complaint" else "bounce" if notice.kind == "bounce" else None,
            "reasons": [f"read as {notice.source}"],
        }
    reply = quotes.split(read.text).reply
    automatic = auto_replies.read_auto_reply(read, now=clock.now())
    if automatic is not None:
        is_away = automatic.kind is auto_replies.Kind.OUT_OF_OFFICE
        return row | {
            "class": "auto_reply",
            "reason": str(automatic.kind),
            "returns_on": automatic.returns_on.isoformat() if automatic.returns_on else None,
            "referral": automatic.referral or None,
            "reply": reply,
            "intent": "out_of_office" if is_away else "auto_reply",
            "reasons": list(automatic.reasons),
        }
    return row | {"reply": reply} | {k: v for k, v in describe_text(reply).items() if k in row}


def describe_text(value: str) -> dict[str, Any]:
    """What the product makes of one reply text."""
    found = intents.understand(value, today=clock.now().date())
    return {
        "text": value,
        "intent": found.intent,
        "opt_out": found.opt_out is not None,
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
