"""Receipts and reactions: neither replies nor bounces."""

from __future__ import annotations

import pytest

from conversations.reading import reactions
from tests.conversations.reading.letters import letter, parts, read


@pytest.mark.parametrize(
    ("disposition", "is_read"),
    [
        ("automatic-action/MDN-sent-automatically; displayed", True),
        ("manual-action/MDN-sent-manually; displayed", True),
        ("automatic-action/MDN-sent-automatically; deleted", False),
        ("manual-action/MDN-sent-automatically; deleted/error", False),
    ],
)
def test_a_receipt_says_whether_the_mail_was_read(disposition, is_read):
    told = f"Reporting-UA: acme.example; Mail\nFinal-Recipient: rfc822;ben.ruiz@acme.example\nOriginal-Message-ID: <out-1@northwind.example>\nDisposition: {disposition}"
    found = read(
        parts(
            ("text/plain", "Your message was read on Wednesday."),
            ("message/disposition-notification", told),
            kind="report; report-type=disposition-notification",
        )
    )
    assert (found.kind, found.is_read, found.notice) == ("receipt", is_read, None)
    assert found.original_ids == ("out-1@northwind.example",)


@pytest.mark.parametrize(
    ("subject", "body", "is_read"),
    [
        (
            "Read: Rota planning",
            "Your message\n To: Ben\n Subject: Rota planning\nwas read on Wednesday, 4 March 2026.",
            True,
        ),
        ("Not read: Rota planning", "Your message was deleted without being read on Wednesday.", False),
        ("Gelesen: Rota", "Ihre Nachricht wurde am Mittwoch gelesen.", True),
        ("Прочитано: Rota", "Ваше сообщение было прочитано 4 марта.", True),
        ("Не прочитано: Rota", "Ваше сообщение было удалено без прочтения.", False),
    ],
)
def test_a_receipt_in_words_is_one_too(subject, body, is_read):
    found = read(letter(body, subject=subject))
    assert (found.kind, found.is_read) == ("receipt", is_read)


def test_a_person_who_read_something_is_a_person():
    assert read(letter("I read your mail. Call me.", subject="Read: your proposal")).kind == "person"


def test_gmails_reaction_is_no_text_of_theirs():
    text = "👍\n\nBen Ruiz reacted via Gmail\n<https://www.google.example/gmail/about/?utm_source=x#app>"
    emoji = ("text/vnd.google.email-reaction+json; charset=utf-8", '{"emoji":"🎉","version":1}'.encode())
    found = read(parts(("text/plain; charset=utf-8", text), emoji, kind="alternative"))
    assert (found.kind, found.reaction, found.reply) == ("reaction", "🎉", "")
    assert read(letter(text)).kind == "reaction"  # the part was lost on the way


@pytest.mark.parametrize("text", ["Ben Ruiz liked your message.", "Ben Ruiz celebrated your email"])
def test_outlooks_reaction_is_a_sentence_of_its_own(text):
    assert read(letter(text, subject="Reaction: Rota planning")).kind == "reaction"
    assert read(letter(text.replace("Ben Ruiz", "I"))).kind == "person"


@pytest.mark.parametrize(
    "text",
    [
        "Liked “Hi Ben, it's Ann. Reply STOP to opt out.”",
        "Loved “Hi Ben”",
        "Disliked “Reply STOP to unsubscribe.”",
        "Laughed at “Would Tuesday suit you?”",
        "Emphasized an image",
        "Questioned “Would Tuesday suit you?”",
        "Reacted 👍 to “Would Tuesday suit you?”",
        "Removed a like from “Would Tuesday suit you?”",
        "Лайкнул(а) «Добрый день! Напишите СТОП, чтобы отписаться»",
        "Поставила 👍 на «Добрый день!»",
        "👍 to “Would Tuesday suit you?”",
        "Le gustó “Hola Ben”",
        "A aimé « Bonjour Ben »",
    ],
)
def test_what_phones_send_for_a_tap_is_a_reaction(text):
    assert reactions.of_text(text)
    assert read(letter(text)).kind == "reaction"


@pytest.mark.parametrize(
    "text",
    ["Liked your offer, call me", "I loved “Dune”, by the way. And yes, call me.", "👍", "Questioned our budget again, not now.", "Reacted badly to this, please stop"],
)  # fmt: skip
def test_words_of_people_are_no_reactions(text):
    assert reactions.of_text(text) is None


def test_outlooks_reaction_is_one():
    found = read(
        letter(
            "Ben Ruiz reacted to your message:\n\nFrom: Ann Vale <ann@northwind.example>\nSent: Tuesday\nTo: Ben\nSubject: Rota\n\nHi Ben",
            subject="👍 Ben Ruiz reacted to: Rota planning",
        )
    )
    assert (found.kind, found.reaction) == ("reaction", "👍")
