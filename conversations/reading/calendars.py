"""Answers to invitations and invitations themselves, from iCalendar (RFC 5545, iTIP RFC 5546). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from conversations.reading.phrases import DATA, pattern
from conversations.reading.text import squeezed, visible

MAX_LINES = 5_000


class Answer(StrEnum):
    """What the mail says about a meeting."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    COUNTER = "counter"
    """Another time is proposed."""
    CANCELLED = "cancelled"
    INVITED = "invited"
    """They invite us, or move a meeting."""


@dataclass(frozen=True)
class CalendarAnswer:
    """`starts_at` and `ends_at` are aware (UTC where the zone is unknown) or None; `comment` is what the person added."""

    answer: Answer
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_all_day: bool = False
    uid: str = ""
    summary: str = ""
    attendee: str = ""
    comment: str = ""
    location: str = ""


_LINE = re.compile(r"^([A-Za-z][A-Za-z0-9-]{0,60})((?:;[^:;=]{1,60}=(?:\"[^\"]*\"|[^:;\"]*))*):(.*)$")
_PARAMETER = re.compile(r";([^=;]+)=(\"[^\"]*\"|[^;]*)")
_GOOGLE = re.compile(
    r"invitation from google|einladung (?:von|aus) google|google (?:calendar|kalender|agenda)|google календар|приглашение из google",
    re.IGNORECASE,
)
_NOTE = re.compile(r"with this note:\s*(.{1,1500}?)(?:\n\s*\n|$)", re.IGNORECASE | re.DOTALL)
_STATUS = {
    "ACCEPTED": Answer.ACCEPTED,
    "COMPLETED": Answer.ACCEPTED,
    "IN-PROCESS": Answer.ACCEPTED,
    "TENTATIVE": Answer.TENTATIVE,
    "DECLINED": Answer.DECLINED,
}
_METHODS = {
    "COUNTER": Answer.COUNTER,
    "CANCEL": Answer.CANCELLED,
    "REQUEST": Answer.INVITED,
    "PUBLISH": Answer.INVITED,
    "ADD": Answer.INVITED,
}
_CLASSES = {
    "resp.pos": Answer.ACCEPTED,
    "mtgrespp": Answer.ACCEPTED,
    "resp.tent": Answer.TENTATIVE,
    "mtgrespa": Answer.TENTATIVE,
    "resp.neg": Answer.DECLINED,
    "mtgrespn": Answer.DECLINED,
    "meeting.canceled": Answer.CANCELLED,
    "mtgcncl": Answer.CANCELLED,
    "meeting.request": Answer.INVITED,
    "mtgreq": Answer.INVITED,
}


def read_calendar(text: str, *, method: str = "", sender: str = "") -> CalendarAnswer | None:
    """The answer or invitation in an iCalendar text, or None. `method` is that of the part, `sender` whose answer counts."""
    fields = _fields(text)
    told = next((value for name, _, value in fields if name == "METHOD"), method).strip().upper()
    event = _event(fields)
    if event is None:
        return None
    attendees = [
        (_mailto(value), told_by.get("PARTSTAT", "").upper(), told_by)
        for name, told_by, value in event
        if name == "ATTENDEE"
    ]
    attendee, status, _ = next((a for a in attendees if a[0] == sender), attendees[0] if attendees else ("", "", {}))
    answer = _METHODS.get(told) if told != "REPLY" else _STATUS.get(status)
    if answer is None and not told and status in _STATUS and len(attendees) == 1:
        answer = _STATUS[status]
    if answer is None:
        return None

    def first(wanted: str) -> str:
        return next((_unescaped(value) for name, _, value in event if name == wanted), "")

    starts = next(((p, v) for name, p, v in event if name == "DTSTART"), None)
    ends = next(((p, v) for name, p, v in event if name == "DTEND"), None)
    return CalendarAnswer(
        answer,
        _moment(*starts) if starts else None,
        _moment(*ends) if ends else None,
        bool(starts and re.fullmatch(r"\d{8}", starts[1].strip())),
        first("UID")[:300],
        first("SUMMARY")[:300],
        attendee or sender,
        first("COMMENT")[:2_000],
        first("LOCATION")[:500],
    )


def of_message_class(message_class: str) -> CalendarAnswer | None:
    """What Outlook's message class says, for example `IPM.Schedule.Meeting.Resp.Pos`."""
    name = message_class.lower().replace(" ", "")
    return next((CalendarAnswer(answer) for end, answer in _CLASSES.items() if end in name), None)


def of_subject(subject: str, body: str) -> CalendarAnswer | None:
    """An answer that only the subject tells ("Accepted: Intro call"), when nothing else was written."""
    if len(squeezed(body)) > 1_000 or (body.strip() and not is_boilerplate(body)):
        return None
    for section, answer in (
        ("accepted", Answer.ACCEPTED),
        ("tentative", Answer.TENTATIVE),
        ("declined", Answer.DECLINED),
    ):
        if match := pattern("calendars", section, before=r"^\s*", after=r"\s*[:：]").match(subject):
            return CalendarAnswer(answer, summary=subject[match.end() :].strip()[:300])
    return None


def is_boilerplate(body: str, *, summary: str = "") -> bool:
    """Whether a text is what calendars write themselves, with nothing of a person."""
    if _GOOGLE.search(body):
        return True
    lines = [line.strip() for line in visible(body).splitlines() if line.strip(" -_=*~>")]
    written = pattern("calendars", "boilerplate", before="", after="")
    return all(line == summary or written.search(line) or len(line) < 3 for line in lines)


def note_in(body: str) -> str:
    """What the person wrote with their answer, where Google quotes it in its own text."""
    match = _NOTE.search(body[:5_000])
    return visible(match[1]).strip(' "“”') if match else ""


def merged(answer: CalendarAnswer, *, starts_at: datetime | None, ends_at: datetime | None) -> CalendarAnswer:
    """`answer` with times that stood elsewhere."""
    return replace(answer, starts_at=answer.starts_at or starts_at, ends_at=answer.ends_at or ends_at)


def _fields(text: str) -> list[tuple[str, dict[str, str], str]]:
    unfolded: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n")[:MAX_LINES]:
        if line[:1] in {" ", "\t"} and unfolded:
            if len(unfolded[-1]) < 20_000:
                unfolded[-1] += line[1:]
        else:
            unfolded.append(line)
    found = []
    for line in unfolded:
        if match := _LINE.match(line[:20_000]):
            told_by = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(match[2])}
            found.append((match[1].upper(), told_by, match[3]))
    return found


def _event(fields: list[tuple[str, dict[str, str], str]]) -> list[tuple[str, dict[str, str], str]] | None:
    """The fields of the first event, without those of its alarms."""
    event: list[tuple[str, dict[str, str], str]] = []
    open_names: list[str] = []
    for name, told_by, value in fields:
        if name == "BEGIN":
            open_names.append(value.strip().upper())
        elif name == "END":
            if open_names and open_names.pop() == "VEVENT":
                return event
        elif open_names and open_names[-1] == "VEVENT":
            event.append((name, told_by, value))
    return event or None


def _moment(told_by: dict[str, str], value: str) -> datetime | None:
    match = re.match(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?", value.strip())
    if match is None:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
        clock = time(int(match[4] or 0), int(match[5] or 0), min(int(match[6] or 0), 59))
    except ValueError:
        return None
    zone = UTC if match[7] or not match[4] else _zone(told_by.get("TZID", ""))
    return datetime.combine(day, clock, zone).astimezone(UTC)


LONGEST_ZONE = 64


def _zone(name: str) -> ZoneInfo:
    name = _windows_zones().get(name.strip().lower(), name.strip().lstrip("/"))
    name = re.sub(r"^(?:freeassociation\.sourceforge\.net|citadel\.org/\d+_\d+)/", "", name)
    if len(name) > LONGEST_ZONE:  # its parts are looked for as folders within folders
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return ZoneInfo("UTC")


@cache
def _windows_zones() -> dict[str, str]:
    rows = (DATA / "windows_zones.txt").read_text(encoding="utf-8").splitlines()
    pairs = (row.split("\t") for row in rows if row and not row.startswith("#"))
    return {windows.lower(): iana for windows, iana in pairs}


def _mailto(value: str) -> str:
    return visible(re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)).strip().lower()[:320]


def _unescaped(value: str) -> str:
    return visible(re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)).strip()
