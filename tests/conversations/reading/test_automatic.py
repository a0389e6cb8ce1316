from __future__ import annotations

from datetime import date

import pytest

from conversations.reading import incoming
from tests.conversations.reading.held_out.notices import plain
from tests.conversations.reading.judging import NOW


def read(subject: str, body: str, headers: str = ""):
    return incoming.read(plain("bob@y.example", subject, body, headers).encode(), now=NOW).automatic


@pytest.mark.parametrize(
    ("body", "returns_on"),
    [
        ("I'm out of the office from March 5 to March 12.", date(2025, 3, 12)),
        ("I will be on parental leave until June 1st, 2025.", date(2025, 6, 1)),
        ("Я в командировке до 21 марта. По срочным вопросам звоните.", date(2025, 3, 21)),
        ("Ich bin ab 17.03.2025 wieder im Büro.", date(2025, 3, 17)),
        ("Je suis en congés, de retour le 24 mars.", date(2025, 3, 24)),
        ("I am away, back on the twenty-third of March.", date(2025, 3, 23)),
        ("Я в отпуске до двадцать первого марта включительно.", date(2025, 3, 21)),
        ("Estou de férias e regresso no dia vinte de março.", date(2025, 3, 20)),
        ("I am out of the office until the end of next week.", date(2025, 3, 14)),
        ("I am out of the office with no access to e-mail.", None),
    ],
)
def test_an_absence_names_its_end(body, returns_on):
    found = read("Automatic reply: hi", body, "Auto-Submitted: auto-replied\n")
    assert found and found.kind == "out_of_office"
    assert found.returns_on == returns_on


def test_an_acknowledgement_is_no_absence():
    found = read("Re: hi [#1234]", "We have received your request. Ticket 1234.", "Auto-Submitted: auto-generated\n")
    assert found and found.kind == "acknowledgement"


def desk(sender: str, subject: str, body: str):
    raw = plain(sender, subject, body, "In-Reply-To: <ours@outreach.example>\n")
    return incoming.read(raw.encode(), now=NOW).automatic


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        ("support@y.example", "[Request received] hi", "Your request (12345) has been received and is being reviewed."),
        ("jo@y.example", "Ticket #8842: hi", "A new ticket has been created. We answer within two days."),
        (
            "help@y.example",
            "Заявка №48213 принята",
            "Ваша заявка №48213 зарегистрирована. Срок ответа — 3 рабочих дня.",
        ),
        ("info@y.example", "Re: hi", "Ihre Anfrage wurde unter der Nummer [#2026-5531] erfasst."),
        ("sav@y.example", "Re: hi", "Bonjour, nous avons bien reçu votre demande (ticket n° 8842)."),
        ("soporte@y.example", "Re: hi", "Su solicitud con el número 771 ha sido registrada."),
    ],
)
def test_a_help_desk_that_says_it_opened_a_case_is_no_person(sender, subject, body):
    found = desk(sender, subject, body)
    assert found and found.kind == "acknowledgement"


@pytest.mark.parametrize(
    ("sender", "body"),
    [
        ("bob@y.example", "We have received your message and would like to talk on Monday."),
        ("support@y.example", "Your request has been received. Could you tell us the price?"),
        ("support@y.example", "Thanks, we are interested. Please send the price list. Ben"),
    ],
)
def test_people_who_speak_of_requests_are_people(sender, body):
    assert desk(sender, "Re: hi", body) is None


def test_a_challenge_without_headers_is_known_by_its_words():
    found = desk(
        "verify@filter.example",
        "Re: hi (verification required)",
        "Your message is being held because your address has not been verified. "
        "Please click the link below to confirm that you are a human.",
    )
    assert found and found.kind == "challenge"


def test_somebody_who_left_names_a_successor():
    found = read(
        "Automatische Antwort: Frage",
        "Frau Weber arbeitet nicht mehr bei uns im Unternehmen und ist nicht mehr für uns tätig. Bitte an max@y.example schreiben.",
    )
    assert found and found.kind == "left"


def test_what_a_person_writes_in_a_help_desk_is_a_persons():
    headers = "Auto-Submitted: auto-generated\nIn-Reply-To: <ours@outreach.example>\n"
    assert read("Re: hi", "Yes, please send the price list. Ben", headers) is None
    assert read("Re: hi", "We have received your message. Ticket 7.", headers) is not None


def test_people_are_people():
    assert read("Re: hi", "I am out of the office on Friday, shall we talk on Monday?") is None
    assert read("Re: hi", "Yes.", "X-Auto-Response-Suppress: All\n") is None


def test_a_note_without_headers_is_known_by_its_words():
    found = read("Re: hi", "Здравствуйте! Меня нет в офисе с 2 по 13 марта, отвечу на ваше письмо 16 марта.")
    assert found and found.returns_on == date(2025, 3, 16)


def test_somebody_who_answers_though_away_is_a_person():
    assert read("Re: hi", "I'm on leave right now but very interested. Let's talk when I return on 16 March.") is None
