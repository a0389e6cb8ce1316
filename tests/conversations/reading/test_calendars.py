"""Answers to invitations: what was answered, about when, and what the person wrote beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.conversations.reading.letters import letter, parts, read

NINE = datetime(2026, 3, 10, 9, tzinfo=UTC)


def event(
    method: str = "REPLY", status: str = "ACCEPTED", *, start: str = "DTSTART:20260310T090000Z", more: str = ""
) -> str:
    return (
        f"BEGIN:VCALENDAR\nPRODID:-//Acme//EN\nVERSION:2.0\nMETHOD:{method}\nBEGIN:VEVENT\nUID:call-1@northwind.example\n{start}\n"
        f"DTEND:20260310T093000Z\nORGANIZER:mailto:ann@northwind.example\nATTENDEE;PARTSTAT={status};CN=Ben:mailto:ben.ruiz@acme.example\nSUMMARY:Intro call\n{more}END:VEVENT\nEND:VCALENDAR"
    )


@pytest.mark.parametrize(
    ("method", "status", "answer"),
    [
        ("REPLY", "ACCEPTED", "accepted"),
        ("REPLY", "TENTATIVE", "tentative"),
        ("REPLY", "DECLINED", "declined"),
        ("COUNTER", "TENTATIVE", "counter"),
        ("CANCEL", "DECLINED", "cancelled"),
        ("REQUEST", "NEEDS-ACTION", "invited"),
    ],
)
@pytest.mark.parametrize("place", ["alone", "alternative", "file"])
def test_every_method_is_read_wherever_it_stands(method, status, answer, place):
    ics = event(method, status)
    if place == "alone":
        raw = letter(ics, kind=f"text/calendar; method={method}; charset=UTF-8", subject="Accepted: Intro call")
    elif place == "alternative":
        raw = parts(("text/plain", "\n"), (f"text/calendar; method={method}", ics), kind="alternative")
    else:
        raw = parts(("text/plain", " "), ('application/ics; name="invite.ics"', ics.encode()))
    found = read(raw)
    assert (found.kind, found.calendar.answer, found.calendar.starts_at) == ("calendar", answer, NINE)
    assert found.calendar.summary == "Intro call" and found.reply == ""


@pytest.mark.parametrize(
    "start",
    [
        "DTSTART;TZID=Europe/Berlin:20260310T100000",
        'DTSTART;TZID="W. Europe Standard Time":20260310T100000',
        "DTSTART;TZID=Eastern Standard Time:20260310T050000",
        "DTSTART;TZID=/Asia/Kolkata:20260310T143000",
    ],
)
def test_the_time_is_told_in_every_zone(start):
    assert read(letter(event(start=start), kind="text/calendar; method=REPLY")).calendar.starts_at == NINE


def test_what_the_person_wrote_beside_it_is_their_reply():
    raw = parts(
        ("text/plain", "Could we make it an hour?\n\nBen"),
        ("text/calendar; method=REPLY", event(status="TENTATIVE")),
        kind="alternative",
    )
    assert read(raw).reply == "Could we make it an hour?\n\nBen"
    commented = event(status="DECLINED", more="COMMENT:Sorry\\, I am travelling that week.\n")
    assert read(letter(commented, kind="text/calendar; method=REPLY")).reply == "Sorry, I am travelling that week."


def test_what_the_calendar_writes_is_no_reply():
    text = "Ben Ruiz has accepted this invitation.\n\nIntro call\nWhen: Tue Mar 10\n\nInvitation from Google Calendar: https://calendar.example/"
    raw = parts(("text/plain", text), ("text/calendar; method=REPLY", event()), kind="alternative")
    assert (read(raw).calendar.answer, read(raw).reply) == ("accepted", "")
    longer = text.replace(
        "When: Tue Mar 10", "Tuesday 10 Mar\nCentral European Time\n\nGuests\nann@northwind.example - organiser"
    )
    raw = parts(("text/plain", longer), ("text/calendar; method=REPLY", event()), kind="alternative")
    assert read(raw).reply == ""
    noted = longer.replace("this invitation.", 'this invitation with this note:\n\n"See you then!"')
    raw = parts(("text/plain", noted), ("text/calendar; method=REPLY", event()), kind="alternative")
    assert read(raw).reply == "See you then!"


@pytest.mark.parametrize(
    ("subject", "answer"),
    [("Accepted: Intro call", "accepted"), ("Zugesagt: Intro call", "accepted"), ("Принято: Созвон", "accepted"), ("Declined: Intro call", "declined"), ("Mit Vorbehalt: Intro call", "tentative"), ("Refusé : Intro call", "declined")],
)  # fmt: skip
def test_a_subject_alone_tells_the_answer(subject, answer):
    found = read(letter("", subject=subject))
    assert (found.kind, found.calendar.answer) == ("calendar", answer)


def test_a_person_who_writes_under_such_a_subject_is_a_person():
    assert read(letter("We accepted another offer, sorry.", subject="Declined: your proposal")).kind == "person"


def test_broken_calendars_are_survived():
    for text in (
        "",
        "BEGIN:VEVENT",
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nDTSTART:99999999T999999Z\nATTENDEE;PARTSTAT=ACCEPTED:x",
        "X" * 100_000,
    ):
        read(letter(text, kind="text/calendar; method=REPLY"))
