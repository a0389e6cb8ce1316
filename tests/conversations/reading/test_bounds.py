"""Nothing raises, and nothing takes long: absurd sizes, depths and bytes."""

from __future__ import annotations

import json
from random import Random
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversations.reading.letters import letter, read

HEAD = b"From: Ben <ben@acme.example>\nSubject: Re: x\n"
DEEP = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (k, k) for k in range(1_000))
NOTICE = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n"

ABSURD = {
    "depth 1,000": HEAD + DEEP + b"\nhi",
    "messages in messages": HEAD + b"Content-Type: message/rfc822\n\n" * 1_000,
    "open brackets": HEAD + b"Cc: " + b"(" * 500 + b"\n\nhi",
    "open angles": HEAD + b"Cc: " + b"<" * 50_000 + b"\n\nhi",
    "a header of 1 MB": HEAD + b"X-Big: " + b"a" * 1_000_000 + b"\n\nhi",
    "a folded header of 1 MB": HEAD + b"X-Big: " + b"a\n " * 300_000 + b"\n\nhi",
    "100,000 fields": HEAD + b"X-A: b\n" * 100_000 + b"\nhi",
    "80,000 senders": b"From: " + b"a@b.example, " * 80_000 + b"\n\nhi",
    "200,000 parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
    "25 MB of words": HEAD + b"\n" + b"word " * 5_000_000,
    "25 MB of introductions": HEAD + b"\n" + b"On 3 Mar 2026 Ann wrote\n" * 1_000_000,
    "195 kB of signatures": HEAD + b"\n" + b"Sent from somewhere\n\n" * 9_750,
    "100,000 short lines": HEAD + b"\n" + b"a\n" * 100_000,
    "blanks": HEAD + b"\n" + b" \t\n" * 60_000 + b" " * 100_000,
    "100,000 open elements": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 100_000 + b"deep",
    "open tags": HEAD + b"Content-Type: text/html\n\n" + b"<" * 500_000,
    "a sheet without end": HEAD + b"Content-Type: text/html\n\n<style>" + b"@media x{" * 50_000,
    "dates": HEAD.replace(b"Re: x", b"Out of office") + b"\n" + b"until 3 March or bis Montag 1/1/ " * 6_000,
    "notice of 20,000": NOTICE + b"\nfailed\n" + b"".join(b"  a%d@b.example\n" % k for k in range(20_000)),
    "notice of blanks": NOTICE + b"\nfailed" + b" " * 200_000 + b"user",
    "calendar": HEAD + b"Content-Type: text/calendar\n\nBEGIN:VEVENT\n" + b"ATTENDEE;A=b:x\n" * 100_000,
    "parameters": HEAD + b"Content-Type: text/plain" + b'; a="b' * 20_000 + b"\n\nhi",
    "at signs": HEAD + b"\n" + b"a@" * 100_000,
    "NUL bytes": HEAD.replace(b"Ben", b"B\0en") + b"\n\0hi\0",
    "no sender": b"Subject: x\n\nhi",
    "nothing": b"",
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_mail_is_read_in_bounded_time(name):
    began = process_time()
    read(ABSURD[name])
    assert process_time() - began < 3


def test_the_words_in_an_absurd_mail_are_still_found():
    for name in ("open brackets", "open angles", "a header of 1 MB", "100,000 fields", "parameters", "NUL bytes"):
        assert read(ABSURD[name]).reply == "hi", name


@given(st.binary(max_size=3_000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read(raw):
    read(raw)
    read(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" + raw)
    read(NOTICE + b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n" + raw)
    for kind in (b"text/html", b"text/calendar", b"application/ms-tnef", b"application/pkcs7-mime"):
        read(HEAD + b"Content-Type: " + kind + b"\n\n" + raw)


@given(st.text(max_size=1_500))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text):
    read(letter(text, subject="Automatic reply: x"))
    read(letter(text, sender="MAILER-DAEMON <>", subject="failure notice", headers=""))


def is_storable(value: object) -> bool:
    """Whether JSON and a database take it: no NUL, no half of a surrogate pair."""
    text = json.dumps(value, ensure_ascii=False)
    return "\\u0000" not in text and text.encode() is not None


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-7", "unicode_escape", "punycode", "idna", "utf-16", "hex", "x-none", "undefined"]
)
@given(st.binary(max_size=300), st.text(st.characters(blacklist_characters="\r\n"), max_size=80))
@settings(max_examples=30, deadline=None)
def test_what_is_read_can_be_stored(charset, raw, name):
    head = f"From: {name} <ben@acme.example>\nSubject: {name}\nMessage-ID: <{name}>\nReferences: <{name}>\n".encode(
        "utf-8", "replace"
    )
    found = read(
        head
        + b"X: "
        + raw.replace(b"\n", b"")
        + b"\nTo: "
        + raw
        + b"\nContent-Type: text/plain; charset="
        + charset.encode()
        + b"; name="
        + raw
        + b"\n\n"
        + raw
    )
    mail = found.mail
    assert is_storable([mail.subject, mail.from_name, mail.from_address, mail.message_id, *mail.to, *mail.references])
    assert is_storable([found.reply, found.split.quoted, found.split.signature, *mail.attachments])


def test_random_parts_are_survived():
    random = Random(7)
    for _ in range(50):
        read(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" + random.randbytes(2_000))
