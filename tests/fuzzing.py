"""`python -m tests.fuzzing [NAME …] [--seconds N]`: every parser of text from outside, fed with broken variants of real input,
and every operation of the API that takes a body (`bodies`).

A parser may refuse with its typed error; everything else that it raises, and more than a few seconds for one input, is
a defect. The suite runs the same targets for a moment (tests/test_fuzzing.py).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/no_parser_asks_the_database")
    os.environ.setdefault("SECRET_KEY", "fuzzing-only-secret-key-that-protects-nothing")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
    django.setup()

import openpyxl

from conversations.reading import calendars, html, incoming
from leads.imports.reading import detection, records, workbooks
from leads.segments import compiler, schema
from leads.sources.listings import postings
from outreach import configuration
from outreach.core import addresses as people
from outreach.core.errors import OutreachError
from outreach.prompts import liquid_text
from outreach.web import addresses, robots

BODIES = "bodies"
"""Not a parser: every operation of the API that takes a body (`tests.bodies`), ten times as long."""
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SLOW_SECONDS = 5.0
LARGEST = 60_000
TOKENS = [
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\r\n", b"\n\n", b"\t", b"=?utf-8?b?", b"?=", b"--b\r\n", b"Content-Type: ",
    b"multipart/mixed; boundary=b", b"message/rfc822", b"base64", b"quoted-printable", b"=3D", b"<", b">", b"</", b"<!--", b"<![CDATA[",
    b"<script>", b"&#0;", b"&#x110000;", b"{{", b"}}", b"{%", b"%}", b"| date: '%Z'", b"[", b"]", b"{", b"}", b'"', b"'", b"\\", b"\\u0000", b",", b";", b":",
    b"BEGIN:VCALENDAR", b"END:VEVENT", b"RRULE:FREQ=SECONDLY", b"TZID=", b"19700101T000000Z", b"99999999999999999999", b"-1", b"1e999", b"NaN", b"null", b"true",
    b"@", b"..", b"/", b"%00", b"%(x)s", b"http://[::1]:0/", b"xn--", b"+4915112345678", b"2026-02-30", b"=cmd|' /C calc'!A0", b"PK\x03\x04",
]  # fmt: skip


@dataclass(frozen=True)
class Target:
    """`read` gets bytes and may raise `refusals`; `seeds` are inputs as they come."""

    read: Callable[[bytes], Any]
    seeds: tuple[bytes, ...]
    refusals: tuple[type[BaseException], ...] = (OutreachError,)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _table(raw: bytes) -> None:
    stream = io.BytesIO(raw)
    found = detection.detect(stream)
    stream.seek(0)
    if workbooks.is_workbook(raw[:8]):
        with workbooks.opened(stream):
            return
    for _record in records.records(records.open_text(stream, encoding=found.encoding), delimiter=found.delimiter):
        pass


def _criteria(raw: bytes) -> None:
    compiler.compile_criteria(schema.parse_json(raw))


def _configuration(raw: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write(raw)
        file.flush()
        configuration.load(Path(file.name))


def _template(raw: bytes) -> None:
    source = _text(raw)
    liquid_text.variables(source)
    liquid_text.render(source, {"first_name": "Jane", "company": {"name": "Northwind", "tags": ["a", "b"]}, "n": 3})


def _workbook() -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Name", "Email"])
    book.active.append(["Jane", "jane@firm.example"])
    book.save(file)
    return file.getvalue()


MAIL = (
    b"From: Jane <jane@firm.example>\r\nTo: me@ours.example\r\nSubject: =?utf-8?q?Re:_Hello?=\r\nMessage-ID: <1@firm.example>\r\n"
    b"In-Reply-To: <0@ours.example>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nNot now, ask me in June.=20\r\n\r\nOn Mon, 1 Mar 2026, me wrote:\r\n> Hello\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<p>Not <b>now</b></p>\r\n--b\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n"
    b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n--b--\r\n"
)
BOUNCE = (
    b"From: MAILER-DAEMON@mx.example\r\nTo: me@ours.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\nThe address does not exist.\r\n'
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; jane@firm.example\r\n"
    b"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Message-ID: <0@ours.example>\r\n\r\nHello\r\n--b--\r\n"
)
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    b"DTSTART;TZID=Europe/Berlin:20260305T100000\r\nDTEND:20260305T110000Z\r\nATTENDEE;PARTSTAT=DECLINED:mailto:jane@firm.example\r\n"
    b"SUMMARY:Call\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
POSTING = (
    b'<html><head><title>Engineer</title><script type="application/ld+json">{"@context":"https://schema.org","@type":"JobPosting",'
    b'"title":"Engineer","datePosted":"2026-02-01","description":"<p>Build</p>","hiringOrganization":{"@type":"Organization","name":"Northwind"},'
    b'"jobLocation":{"@type":"Place","address":{"addressLocality":"Berlin","addressCountry":"DE"}},"baseSalary":{"@type":"MonetaryAmount",'
    b'"currency":"EUR","value":{"minValue":50000,"maxValue":70000,"unitText":"YEAR"}}}</script></head><body><h1>Engineer</h1>'
    b"<p>Contact: jobs@firm.example, +49 30 1234567. EUR 50.000 - 70.000 a year</p><a href='/next?page=2'>next</a></body></html>"
)
CRITERIA = json.dumps(
    {"all": [{"field": "lead.country", "operator": "in", "value": ["DE"]}, {"not": [{"field": "lead.title", "operator": "contains", "value": "assistant"}]},
             {"any": [{"field": "lead.last_contacted_at", "operator": "not_within_days", "value": 30}, {"field": "company.employee_count", "operator": "gte", "value": 10}]}]}
).encode()  # fmt: skip
TOML = b'[company]\nname = "Northwind"\n[delivery]\nlease_seconds = 120\n[fetching]\nallowed_networks = ["10.0.0.0/8"]\n[llm.routes.default]\nchain = ["local/x"]\n'
TEMPLATE = b"Hi {{ first_name | default: 'there' | capitalize }}, {% if company.name %}{{ company.name }}{% endif %}{% for t in company.tags %}{{ t }}{% endfor %}"
TARGETS = {
    "mail": Target(lambda raw: incoming.read(raw, now=NOW, ours="me@ours.example"), (MAIL, BOUNCE)),
    "calendar": Target(lambda raw: calendars.read_calendar(_text(raw)), (CALENDAR,)),
    "html": Target(lambda raw: html.read_html(_text(raw)), (POSTING, b"<div style='display:none'>a</div><blockquote>b</blockquote>")),
    "table": Target(_table, (b"Name,Email\nJane,jane@firm.example\n", b'"a";"b"\r\n"x ""y""";2\r\n', _workbook())),
    "posting": Target(lambda raw: postings.read(raw, "https://jobs.example/1"), (POSTING,)),
    "criteria": Target(_criteria, (CRITERIA,)),
    "template": Target(_template, (TEMPLATE,), (liquid_text.TemplateError,)),
    "configuration": Target(_configuration, (TOML,), (OutreachError, SystemExit)),
    "robots": Target(lambda raw: robots._parsed(_text(raw)).can_fetch("https://a.example/x", "Bot"), (b"User-agent: *\nDisallow: /a*$\nCrawl-delay: 2\nSitemap: /s\n",)),
    "address": Target(lambda raw: addresses.locate(_text(raw)), (b"https://user@firm.example:8443/a?b=c#d", b"http://[::ffff:7f00:1]/")),
    "e-mail address": Target(lambda raw: people.normalise_email(_text(raw)), (b"Jane.Doe+x@firm.example", "жан@фирма.рф".encode())),
    "phone": Target(lambda raw: people.normalise_phone(_text(raw), country="DE"), (b"+49 (0)151 12345678", b"030/1234567 ext. 5")),
}  # fmt: skip


def variants(seeds: tuple[bytes, ...], chance: random.Random) -> Iterator[bytes]:
    """The seeds, then broken ones without end: bytes changed, cut, doubled, crossed, with tokens of many formats."""
    yield from seeds
    while True:
        raw = bytearray(chance.choice(seeds))
        for _change in range(chance.choice((1, 1, 2, 3, 8))):
            at = chance.randrange(len(raw) + 1)
            match chance.randrange(7):
                case 0 if raw:
                    raw[min(at, len(raw) - 1)] = chance.randrange(256)
                case 1:
                    raw[at:at] = chance.choice(TOKENS)
                case 2:
                    del raw[at : at + chance.choice((1, 5, 50))]
                case 3:
                    raw[at:at] = chance.choice(TOKENS) * chance.choice((2, 50, 1_000))
                case 4:
                    raw[at:at] = raw[at : at + chance.choice((5, 50, 500))] * chance.choice((1, 20))
                case 5:
                    other = chance.choice(seeds)
                    raw[at:] = other[chance.randrange(len(other) + 1) :]
                case _:
                    raw[at:at] = bytes(chance.randrange(256) for _byte in range(8))
        yield bytes(raw[:LARGEST])


def defect_of(target: Target, raw: bytes) -> str:
    """What is wrong with how `raw` is read; empty when it was read or refused."""
    began = time.process_time()
    try:
        target.read(raw)
    except target.refusals:
        pass
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    seconds = time.process_time() - began
    return f"took {seconds:.1f} s" if seconds > SLOW_SECONDS else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join([*TARGETS, BODIES])}")
    parser.add_argument("--seconds", type=float, default=60, help="for each parser")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    has_defects = False
    for name in options.names or [*TARGETS, BODIES]:
        if name == BODIES:
            command = [
                sys.executable,
                "-m",
                "tests.bodies",
                "--seconds",
                str(options.seconds * 10),
                "--seed",
                str(options.seed),
            ]
            given = {key: value for key, value in os.environ.items() if "no_parser_asks" not in value}
            has_defects |= subprocess.run(command, env=given, check=False).returncode != 0
            continue
        target, began, count, worst = TARGETS[name], time.monotonic(), 0, 0.0
        found: dict[str, bytes] = {}
        for raw in variants(target.seeds, random.Random(options.seed)):
            if time.monotonic() - began > options.seconds:
                break
            started = time.process_time()
            if defect := defect_of(target, raw):
                found.setdefault(defect[:60], raw)
            worst = max(worst, time.process_time() - started)
            count += 1
        print(f"{name}: {count:,} inputs, longest {worst * 1000:,.0f} ms, {len(found)} kinds of defects", flush=True)
        for defect, raw in found.items():
            print(f"    {defect}: {raw[:300]!r}{'…' if len(raw) > 300 else ''}", flush=True)
        has_defects |= bool(found)
    return 1 if has_defects else 0


if __name__ == "__main__":
    sys.exit(main())
