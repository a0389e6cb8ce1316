"""What kind of mail it is: each kind that the field has shown, in other words, languages and programs."""

from __future__ import annotations

from datetime import date

import pytest

from tests.conversations.reading.letters import IN_THREAD, letter, parts, read

QUESTION = "Thank you for reaching out. I have opened a ticket with our IT. Could you send the price list?\n\nBen"
DSN = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.acme.example>
To: ben.ruiz@acme.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="d"

--d
Content-Type: text/plain

<carla@acme.example>: 550 5.1.1 User unknown

--d
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; carla@acme.example
Action: failed
Status: 5.1.1

--d--"""


@pytest.mark.parametrize(
    "headers",
    [
        "X-Auto-Response-Suppress: DR, OOF, AutoReply\n",
        "X-Auto-Response-Suppress: All\n",
        "X-Auto-Response-Suppress: None\nX-Autoreply: no\nAuto-Submitted: no\n",
        "Auto-Submitted: no; owner-email=ben\n",
        "Precedence: list\nList-Id: <sales.acme.example>\nX-Mailman-Version: 2.1.39\n",
        "Precedence: bulk\n",
        "Precedence: bulk\nList-Id: <kernel.lists.example>\nX-Mailing-List: kernel@lists.example\n",
        "Precedence: list\nX-Google-Group-Id: 1234\nList-ID: <x.googlegroups.example>\nList-Unsubscribe: <mailto:g@example>, <https://g.example/u>\n",
        "X-MS-Exchange-Organization-AuthAs: Internal\nX-Autoresponder: off\n",
        "List-Unsubscribe: <mailto:it@acme.example>\n",
    ],
)
@pytest.mark.parametrize("thread", ["", IN_THREAD])
def test_headers_that_people_carry_too_make_nobody_a_machine(headers, thread):
    found = read(letter(QUESTION, headers=thread + headers))
    assert found.kind == "person"
    assert found.reply == QUESTION


@pytest.mark.parametrize(
    "head",
    [
        'message/rfc822\nContent-Disposition: attachment; filename="Undelivered Mail.eml"',
        "message/rfc822",
    ],
)
def test_a_person_who_forwards_a_notice_is_a_person(head):
    found = read(
        parts(("text/plain", "I got the notice below. Please write to carla.moss@acme.example instead."), (head, DSN))
    )
    assert (found.kind, found.notice) == ("person", None)
    assert found.reply.startswith("I got the notice")


def test_a_notice_pasted_below_a_persons_words_is_a_persons():
    pasted = "This bounced, any idea?\n\n-----Original Message-----\nFrom: Mail Delivery System <MAILER-DAEMON@mx.acme.example>\nSubject: Undelivered Mail\n\n<carla@acme.example>: 550 5.1.1 User unknown"
    found = read(letter(pasted, subject="Fwd: Undelivered Mail Returned to Sender"))
    assert (found.kind, found.reply) == ("person", "This bounced, any idea?")


@pytest.mark.parametrize("subject", ["UNSUBSCRIBE", "unsubscribe me please", "STOP", "Отписаться"])
@pytest.mark.parametrize("body", ["", "\nSent from my iPhone", "Ben Ruiz\n"])
def test_a_subject_of_their_own_is_kept_apart_from_an_answer_to_ours(subject, body):
    found = read(letter(body, subject=subject, headers=""))
    assert (found.kind, found.own_subject) == ("person", subject)
    assert read(letter("Yes", subject=f"AW: {subject}")).own_subject == ""


def test_nothing_written_lets_the_subject_speak():
    assert read(letter("Sent from my iPhone", subject="UNSUBSCRIBE", headers="")).words == "UNSUBSCRIBE"


def test_a_request_torn_by_wrapping_is_joined():
    words = read(letter("Please remove me\nfrom your mailing\nlist. Thanks\n\nBen")).words
    assert "remove me from your mailing list" in words


@pytest.mark.parametrize(
    ("subject", "body", "headers", "returns_on", "is_over"),
    [
        ("Automatic reply: Rota", "I was on leave until 3 March and am still working through my inbox.", "Auto-Submitted: auto-replied\n", None, True),
        ("Automatic reply: Rota", "I am on annual leave. I will reply on my return on the 8th September.", "Auto-Submitted: auto-generated\n", date(2026, 9, 8), False),
        ("Out of office", "I'm away until Monday, March 16th and will answer then.", "", date(2026, 3, 16), False),
        ("Abwesenheitsnotiz", "Ich bin bis einschließlich 20.03. nicht im Büro.", "", date(2026, 3, 20), False),
        ("Réponse automatique : Rota", "Je suis absent du 2 au 13 mars 2026.", "", date(2026, 3, 13), False),
        ("Respuesta automática: Rota", "Estaré fuera de la oficina hasta el 18 de marzo.", "", date(2026, 3, 18), False),
        ("Автоответ: Rota", "Я в отпуске с 1 по 14 марта включительно.", "", date(2026, 3, 14), False),
        ("Автоматический ответ: Rota", "Нахожусь в отпуске до конца марта.", "", date(2026, 3, 31), False),
        ("自动回复: Rota", "我正在出差，3月10日回来。", "", date(2026, 3, 10), False),
        ("Risposta automatica: Rota", "Sono in ferie fino al 10 marzo.", "", date(2026, 3, 10), False),
        ("Resposta automática: Rota", "Estou de férias até 12 de março.", "", date(2026, 3, 12), False),
        ("Automatisch antwoord: Rota", "Ik ben afwezig tot en met 9 maart.", "", date(2026, 3, 9), False),
        ("Automatyczna odpowiedź: Rota", "Jestem na urlopie do 11 marca.", "", date(2026, 3, 11), False),
        ("Autosvar: Rota", "Jag är på semester till och med 15 mars.", "", date(2026, 3, 15), False),
        ("Automatic reply: Rota", "I am out of the office and will be back on the eighth of April.", "", date(2026, 4, 8), False),
        ("Automatic reply: Rota", "I am on leave, returning 3/9/2026.", "", date(2026, 3, 9), False),
        ("Automatic reply: Rota", "I will be out of the office from 3/4 to 3/14.", "", date(2026, 3, 14), False),
        ("Automatic reply: Rota", "I am out of the office with no access to e-mail.", "", None, False),
        ("Re: Rota", "I am currently out of office and will return on 9 March. For urgent matters contact carla@acme.example", "", date(2026, 3, 9), False),
    ],
)  # fmt: skip
def test_an_absence_is_no_reply_and_names_its_end(subject, body, headers, returns_on, is_over):
    found = read(letter(body, subject=subject, headers=headers))
    assert found.kind == "absence"
    assert (found.automatic.returns_on, found.automatic.is_over) == (returns_on, is_over)


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("自动回复: Rota", "Out of office.\nRetired October 2025. No longer using this email."),
        ("Automatic reply: Rota", "Ben has left the company. Please contact carla@acme.example."),
        ("Automatic reply: Rota", "I no longer work at Acme."),
        ("Automatic reply: Rota", "This mailbox is no longer monitored."),
        ("Automatische Antwort: Rota", "Herr Ruiz ist nicht mehr in unserem Unternehmen tätig."),
        ("Réponse automatique: Rota", "Ben Ruiz a quitté la société le 1er février."),
        ("Автоответ: Rota", "Бен Руис больше не работает в компании."),
        ("Respuesta automática: Rota", "Ben ya no trabaja en la empresa."),
    ],
)
def test_somebody_who_left_is_told_from_somebody_away(subject, body):
    assert read(letter(body, subject=subject, headers="Auto-Submitted: auto-replied\n")).kind == "left"


@pytest.mark.parametrize(
    "body",
    [
        "Ben has left a note for you with reception and is on leave until 9 March.",
        "I have left my laptop at home and am out of the office until 9 March.",
        "I am out of office until 9 March and have left instructions with Carla.",
    ],
)
def test_having_left_something_is_not_having_left(body):
    assert read(letter(body, subject="Automatic reply: x", headers="Auto-Submitted: auto-replied\n")).kind == "absence"


@pytest.mark.parametrize(
    "body",
    [
        "I am out of the office on Friday, shall we talk on Monday?",
        "Our previous agency has left us with a mess, so yes, tell me more.",
        "My colleague Carla no longer works on this, I do. What does it cost?",
        "Sorry for the late answer, I was on vacation. Let's talk on Tuesday.",
        "Automatic replies are what we need. Can you do that?",
        "The links in your mail no longer work. Please send new ones.",
    ],
)
def test_people_who_speak_of_absences_are_people(body):
    assert read(letter(body)).kind == "person"


def test_a_challenge_and_a_new_address_are_kinds_of_automatic_answers():
    challenge = read(
        letter(
            "Your message has not yet been delivered because you are not on my guest list. Please click the link to verify that you are human.",
            subject="Re: Rota (verification required)",
            headers="Auto-Submitted: auto-replied\n",
        )
    )
    assert (challenge.kind, challenge.automatic.kind) == ("auto_reply", "challenge")
    moved = read(
        letter(
            "My new address is ben@newfirm.example. This mailbox is read rarely.",
            subject="Automatic reply: Rota",
            headers="Auto-Submitted: auto-replied\n",
        )
    )
    assert (moved.automatic.kind, moved.automatic.referral) == ("moved", "ben@newfirm.example")


@pytest.mark.parametrize(
    ("sender", "subject", "headers", "kind"),
    [
        ("noreply-dmarc-support@mailgiant.example", "Report domain: northwind.example Submitter: mailgiant.example Report-ID: 1", "", "application/zip; name=\"mailgiant.example!northwind.example!1772582400!1772668799.zip\""),
        ("dmarc@corp.example", "Re-sent", "", "application/gzip; name=\"corp.example!northwind.example!1772582400!1772668799.xml.gz\""),
        ("tlsrpt-noreply@mailgiant.example", "Report Domain: northwind.example Submitter: mailgiant.example", "TLS-Report-Domain: northwind.example\n", "application/tlsrpt+gzip; name=x.json.gz"),
        ("quarantine@scanner.example", "Spam Quarantine Summary", "", "text/plain"),
        ("invitations@network.example", "Ben Ruiz accepted your invitation", "", "text/plain"),
        ("calendar-notification@calendars.example", "Notification: Intro call @ Tue Mar 10", "", "text/plain"),
        ("no-reply@shop.example", "Your order #12345", "", "text/plain"),
        ("news@shop.example", "Sale!", "List-Unsubscribe: <https://shop.example/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n", "text/plain"),
        ("monitoring@acme.example", "Daily delivery report", "Auto-Submitted: auto-generated\n", "text/plain"),
    ],
)  # fmt: skip
def test_machines_reports_ask_for_no_answer(sender, subject, headers, kind):
    assert read(letter("data", sender=sender, subject=subject, headers=headers, kind=kind)).kind == "report"


def test_a_ticket_number_is_an_automatic_answer():
    found = read(
        letter(
            "Your request has been received. Ticket 4711.",
            subject="[Ticket #4711] Rota planning",
            sender="Support <support@acme.example>",
            headers="Auto-Submitted: auto-generated\n",
        )
    )
    assert (found.kind, found.automatic.kind) == ("auto_reply", "acknowledgement")
