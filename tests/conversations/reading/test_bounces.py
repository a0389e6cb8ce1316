"""Development cases; the held-out ones are in `held_out/notices.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.reading import bounces, mail
from conversations.reading.reasons import HARD, Reason, classify
from tests.conversations.reading.held_out.notices import dsn, plain
from tests.conversations.reading.judging import judge

SENDMAIL = plain(
    "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
    "Returned mail: see transcript for details",
    "The original message was received at Tue, 4 Mar 2025 09:00:00 GMT\n\n   ----- The following addresses had permanent fatal errors -----\n<bob@y.example>\n    (reason: 550 5.1.1 <bob@y.example>... User unknown)\n\n   ----- Transcript of session follows -----\n... while talking to mx.y.example.:\n>>> DATA\n<<< 550 5.1.1 <bob@y.example>... User unknown\n",
)
MAILRU = plain(
    "mailer-daemon@corp.mail.example",
    "Mail failure.",
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its recipients.\nThis is a permanent error. The following address(es) failed:\n\n  ivan@mail.example\n    SMTP error from remote mail server after end of data:\n    host mxs.mail.example: 550 spam message rejected. Please visit http://help.mail.example or report details\n",
    "X-Failed-Recipients: ivan@mail.example\n",
)
OFFICE = plain(
    "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@y.example>",
    "Undeliverable: hello",
    "Your message to bob@y.example couldn't be delivered.\n\nbob wasn't found at y.example.\n\nRemote server returned '550 5.4.1 Recipient address rejected: Access denied. [AS(201806281)]'\n",
)
GMAIL_WAIT = plain(
    "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    "Delivery Status Notification (Delay)",
    "** Delivery incomplete **\n\nThere was a temporary problem delivering your message to bob@y.example. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.\n",
)


@pytest.mark.parametrize(
    ("raw", "address", "reason"),
    [
        (SENDMAIL, "bob@y.example", Reason.UNKNOWN_MAILBOX),
        (MAILRU, "ivan@mail.example", Reason.POLICY),
        (OFFICE, "bob@y.example", Reason.UNKNOWN_MAILBOX),
        (GMAIL_WAIT, "bob@y.example", Reason.DELAYED),
    ],
    ids=["sendmail", "mail.ru", "office 365", "gmail delay"],
)
def test_notices_in_words_are_read(raw, address, reason):
    notice = bounces.read_bounce(mail.parse(raw.encode()))
    assert notice and notice.kind == "bounce"
    assert [(r.address, r.reason) for r in notice.recipients] == [(address, reason)]


@pytest.mark.parametrize(
    ("status", "diagnostic", "action", "reason"),
    [
        ("5.1.1", "", "failed", Reason.UNKNOWN_MAILBOX),
        ("5.7.1", "550 5.7.1 User unknown", "failed", Reason.POLICY),
        ("4.1.1", "450 4.1.1 User unknown in local recipient table", "failed", Reason.TEMPORARY),
        ("5.1.1", "user unknown", "delayed", Reason.DELAYED),
        ("", "421 try again later", "failed", Reason.TEMPORARY),
        ("", "552 mailbox full", "failed", Reason.MAILBOX_FULL),
        ("5.4.4", "", "failed", Reason.DOMAIN),
        ("5.7.1", "553 sorry, user mail-box not found (#5.7.1)", "failed", Reason.UNKNOWN_MAILBOX),
        ("", "", "failed", Reason.OTHER),
    ],
)
def test_only_evidence_about_the_address_is_hard(status, diagnostic, action, reason):
    assert classify(status, diagnostic, action) is reason


def test_the_returned_message_is_named():
    notice = bounces.read_bounce(mail.parse(dsn("5.1.1", "550 User unknown").encode()))
    assert notice and notice.returned_ids == ("ours.1@outreach.example",)


def test_a_person_who_speaks_of_bounces_is_a_person():
    assert (
        judge(plain("bob@y.example", "Undeliverable parcels", "Our delivery failed twice, can you help?"))[0] == "human"
    )


@given(st.text(max_size=800), st.sampled_from(["5.1.1", "4.0.0", "", "5.7.1", "9.9.9"]))
@settings(max_examples=150, deadline=None)
def test_no_notice_crashes_the_reader(text, status):
    bounces.read_bounce(mail.parse(dsn(status, text, text=text).encode("utf-8", "replace")))
    bounces.read_bounce(mail.parse(plain("mailer-daemon@x.example", "failure notice", text).encode("utf-8", "replace")))


SAID = [
    line.split("\t")
    for line in (Path(__file__).parent / "reasons.tsv").read_text().splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("verdict", "said"), SAID)
def test_only_what_servers_say_of_the_address_is_hard(verdict, said):
    assert (classify("", said, "failed") in HARD) == (verdict == "hard")


@pytest.mark.parametrize(
    "sender",
    ["MAILER-DAEMON <>", "MAILER-DAEMON", "Mail Delivery Subsystem <>", "<>", '"Mail Delivery System" <x@mx.example>'],
)
def test_a_mail_system_without_an_address_is_one(sender):
    found = judge(
        plain(
            sender,
            "failure notice",
            "I wasn't able to deliver your message.\n\n<bob@y.example>:\n550 5.1.1 User unknown\n",
        )
    )
    assert found == ("bounce", "bob@y.example", "unknown_mailbox", True)


def test_every_recipient_of_a_notice_is_told():
    body = "The following addresses had permanent fatal errors:\n\n<bob@y.example>\n    550 5.1.1 User unknown\n<eve@y.example>\n    552 5.2.2 Mailbox full\n"
    notice = bounces.read_bounce(mail.parse(plain("MAILER-DAEMON@mx.example", "Returned mail", body).encode()))
    assert [(r.address, r.is_hard) for r in notice.recipients] == [("bob@y.example", True), ("eve@y.example", False)]


def test_the_address_that_we_wrote_to_is_the_recipient():
    raw = dsn(
        "5.1.1",
        "550 User unknown",
        recipient="sam@internal.acme.example",
        original="Original-Recipient: rfc822;sam@acme.example\n",
    )
    (recipient,) = bounces.read_bounce(mail.parse(raw.encode())).recipients
    assert (recipient.address, recipient.final_address) == ("sam@acme.example", "sam@internal.acme.example")


def test_a_notice_that_a_gateway_wrapped_is_opened():
    raw = f"From: postmaster@gate.example\nTo: dana@outreach.example\nSubject: Delivery Status Notification (Failure)\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\n{dsn('5.1.1', '550 User unknown')}\n--o--"
    assert judge(raw)[:2] == ("bounce", "sam@acme.example")


def test_a_refusal_dressed_as_a_receipt_is_a_bounce():
    raw = plain(
        "Mail Delivery Subsystem <admin@y.example>",
        "Automatically rejected mail",
        "Your message to <bob@y.example> was automatically rejected:\nQuota exceeded",
        "Auto-Submitted: auto-replied (rejected)\n",
    )
    assert judge(raw) == ("bounce", "bob@y.example", "mailbox_full", False)


@pytest.mark.parametrize("kind", ["abuse", "fraud", "opt-out"])
def test_abuse_reports_are_complaints(kind):
    raw = f"From: fbl@isp.example\nSubject: FW: hi\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: text/plain\n\nreport\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nOriginal-Rcpt-To: bob@y.example\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <ours@x>\nTo: bob@y.example\n\nhi\n--b--"
    assert judge(raw)[:2] == ("complaint", "bob@y.example")


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "Unzustellbar: Hallo",
            "Die Nachricht konnte nicht zugestellt werden:\n\nbob@y.example\nDer Empfänger ist unbekannt.",
        ),
        ("Non remis : Bonjour", "Votre message n'a pas pu être remis à bob@y.example. L'adresse est introuvable."),
        ("No se puede entregar: Hola", "No se pudo entregar el mensaje a bob@y.example. El destinatario no existe."),
        ("Недоставленное сообщение", "Письмо не может быть доставлено:\n\nbob@y.example\nПолучатель не найден."),
        ("Niet te bezorgen: hallo", "Uw bericht kon niet worden bezorgd aan bob@y.example. De gebruiker is onbekend."),
        ("系统退信", "您的邮件无法投递：\n\nbob@y.example\n收件人不存在"),
    ],
)
def test_notices_in_other_languages_are_read(subject, body):
    assert judge(plain("postmaster@mx.example", subject, body)) == ("bounce", "bob@y.example", "unknown_mailbox", True)


def test_a_line_for_each_failed_address_counts_beyond_the_returned_copy():
    text = (
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<sam@acme.example>:\nRemote host said: 550 5.1.1 unknown or illegal alias: sam@acme.example\n\n"
        "<zoe@acme.example>:\nRemote host said: 552 5.2.2 over quota\n\n"
        "--- Below this line is a copy of the message.\n\nTo: sam@acme.example\nMessage-ID: <ours.1@outreach.example>\n\nHi\n"
    )
    notice = bounces.read_bounce(mail.parse(plain("MAILER-DAEMON@mx.example", "failure notice", text).encode()))
    assert notice is not None
    assert [(told.address, told.is_hard) for told in notice.recipients] == [
        ("sam@acme.example", True),
        ("zoe@acme.example", False),
    ]
