"""The one way in: raw bytes → what kind of mail it is and all that it says. Pure, bounded, never raises.

Judged in this order, the surest first: abuse report, delivery notice, read receipt, answer of a calendar, reaction,
machine's report, automatic answer, person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from conversations.reading import automatic, bounces, calendars, quotes, reactions, receipts, reports
from conversations.reading import mail as mails
from conversations.reading.automatic import AutoReply
from conversations.reading.bounces import Notice
from conversations.reading.calendars import Answer, CalendarAnswer
from conversations.reading.mail import Mail
from conversations.reading.quotes import Split
from conversations.reading.returned import text_of

_REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|antw|antwort|sv|vs|ha|r|rif|odp|ynt|ref|res|fwd?|wg|tr|rv|enc|доп|отв|ответ|回复|回覆|答复|转发|轉寄)\s*(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]\s*)+",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """What a mail is."""

    PERSON = "person"
    ABSENCE = "absence"
    LEFT = "left"
    AUTO_REPLY = "auto_reply"
    """Another automatic answer: a ticket number, a challenge, a new address."""
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    """Delivered, read, or deleted unread."""
    COMPLAINT = "complaint"
    CALENDAR = "calendar"
    REACTION = "reaction"
    REPORT = "report"
    """A machine's own mail: nobody waits for an answer."""


@dataclass(frozen=True)
class Incoming:
    """A mail and what it is. Only what its kind tells is set; `split` is there for what carries a person's words."""

    mail: Mail
    kind: Kind
    split: Split = field(default_factory=lambda: Split(""))
    notice: Notice | None = None
    automatic: AutoReply | None = None
    calendar: CalendarAnswer | None = None
    reaction: str = ""
    report: str = ""
    is_read: bool | None = None
    """Of a read receipt."""
    original_ids: tuple[str, ...] = ()
    """Our messages that it is about, likeliest first."""

    @property
    def reply(self) -> str:
        """What the person wrote, without quotes and signature; empty for what no person wrote."""
        return self.split.reply

    @property
    def words(self) -> str:
        """What to understand: the reply with its wrapped lines joined, or the subject where nothing else was written."""
        written = unwrapped(self.split.reply)
        subject = self.own_subject
        if not written:
            return subject or self.subject_words
        return written

    @property
    def own_subject(self) -> str:
        """The subject where the writer made it: empty for an answer to ours."""
        subject = self.mail.subject
        return "" if _REPLY_PREFIX.match(subject) else subject

    @property
    def subject_words(self) -> str:
        """The subject without "Re:" and its kin."""
        return _REPLY_PREFIX.sub("", self.mail.subject).strip()


def read(raw: bytes, *, now: datetime, ours: str = "") -> Incoming:
    """Read one e-mail. `now` stands in for a missing date; `ours` is the message that it answers, where it is known."""
    return understand(mails.parse(raw), now=now, ours=ours)


def understand(mail: Mail, *, now: datetime, ours: str = "") -> Incoming:
    """What kind of mail this is and all that it says."""
    if (notice := bounces.read_complaint(mail)) is not None:
        return Incoming(mail, Kind.COMPLAINT, notice=notice, original_ids=notice.returned_ids)
    if (receipt := receipts.read_receipt(mail)) is not None:
        return Incoming(mail, Kind.RECEIPT, is_read=receipt.is_read, original_ids=receipt.original_ids)
    if (notice := bounces.read_bounce(mail)) is not None:
        challenge = None if notice.is_hard else automatic.read_challenge(text_of(mail.root))
        if challenge is not None:
            return Incoming(mail, Kind.AUTO_REPLY, automatic=challenge, original_ids=notice.returned_ids)
        kind = Kind.RECEIPT if notice.kind == "receipt" else Kind.BOUNCE
        return Incoming(mail, kind, notice=notice, original_ids=notice.returned_ids)
    split = quotes.split(mail.text, ours=ours)
    if (calendar := _calendar(mail, split)) is not None:
        return Incoming(
            mail, Kind.CALENDAR, _without_boilerplate(split, calendar), calendar=calendar, original_ids=mail.thread_ids
        )
    if (reaction := _reaction(mail, split)) is not None:
        return Incoming(mail, Kind.REACTION, reaction=reaction, original_ids=mail.thread_ids)
    if (report := reports.read_report(mail)) is not None:
        answer = (
            automatic.read_auto_reply(mail, text=split.reply, now=now) if report in {"notification", "ticket"} else None
        )
        if answer is None or (answer.kind is automatic.Kind.ACKNOWLEDGEMENT and not answer.is_told):
            return Incoming(mail, Kind.REPORT, split, report=report)
    answer = automatic.read_auto_reply(mail, text=split.reply or mail.text, now=now)
    if answer is not None:
        kinds = {automatic.Kind.OUT_OF_OFFICE: Kind.ABSENCE, automatic.Kind.LEFT: Kind.LEFT}
        return Incoming(
            mail, kinds.get(answer.kind, Kind.AUTO_REPLY), split, automatic=answer, original_ids=mail.thread_ids
        )
    return Incoming(mail, Kind.PERSON, split, original_ids=mail.thread_ids)


def unwrapped(text: str) -> str:
    """Paragraphs with the line breaks taken out that a mail program put in: a request torn in two is still one."""
    out: list[str] = []
    for line in text.split("\n"):
        above = out[-1] if out else ""
        goes_on = bool(line) and (
            line[0].islower() or (line[0].isalpha() and len(above) > 55 and above[-1] not in ".!?:;")
        )
        if above and goes_on and above[-1] not in ".!?:" and not line.startswith(("-", "*", "•")):
            out[-1] = f"{above} {line.strip()}"
        else:
            out.append(line)
    return "\n".join(out)


def _calendar(mail: Mail, split: Split) -> CalendarAnswer | None:
    calendar = mail.calendar or calendars.of_subject(mail.subject, split.reply)
    if (
        calendar is not None
        and calendar.answer is Answer.INVITED
        and split.reply
        and not calendars.is_boilerplate(split.reply)
    ):
        return None if not mail.calendar else calendar
    return calendar


def _without_boilerplate(split: Split, calendar: CalendarAnswer) -> Split:
    """The person's own words beside the answer: the comment of the calendar or what they wrote into the mail."""
    written = "" if calendars.is_boilerplate(split.reply, summary=calendar.summary) else split.reply
    return Split(written or calendar.comment or calendars.note_in(split.reply), split.quoted, split.signature)


def _reaction(mail: Mail, split: Split) -> str | None:
    for part in mail.root.walk(is_deep=False):
        if (emoji := reactions.of_part(part)) is not None:
            return emoji
    return reactions.of_mail(split.reply or mail.text, mail.subject)
