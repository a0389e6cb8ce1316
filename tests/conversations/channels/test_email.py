"""E-mail: what the bytes look like, and that the phase in which a session died decides what is certain."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.channels.base import Account, Fault, Finding, NotSent, OutcomeUnknown
from conversations.channels.email import mime
from conversations.channels.email.adapter import SmtpAdapter
from conversations.channels.email.outcomes import refusal
from outreach.core.errors import Invalid
from tests.conversations.channels.test_contract import mail

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def build(outgoing, *, address="me@firm.example", display_name="Jane Doe"):
    return mime.build(outgoing, address=address, display_name=display_name, now=NOW)


def parsed(*args, **kwargs):
    return message_from_bytes(build(*args, **kwargs), policy=default)


@pytest.fixture
def smtp():
    adapter = SmtpAdapter()
    yield adapter
    adapter.close()


@pytest.fixture
def account(smtp_sink):
    settings = {"host": "127.0.0.1", "port": smtp_sink.port, "security": "plain", "timeout_seconds": 5}
    return Account(1, "email", "me@firm.example", "Jane Doe", settings, {})


class TestMime:
    def test_a_reply_carries_the_whole_thread_with_the_answered_message_last(self):
        message = parsed(mail(in_reply_to="b@x", references=("a@x", "b@x", "c@x")))
        assert message["References"] == "<a@x> <c@x> <b@x>"
        assert message["In-Reply-To"] == "<b@x>"
        assert message["Message-ID"] == "<first@firm.example>"
        assert message["Date"].datetime == NOW

    def test_text_in_any_language_survives(self):
        message = parsed(mail(subject="Вопрос о закупках, 第一", body="Привет — «как дела»? 👋\n.\nFrom here"))
        assert message["Subject"] == "Вопрос о закупках, 第一"
        assert message.get_content().replace("\r\n", "\n") == "Привет — «как дела»? 👋\n.\nFrom here\n"

    def test_html_is_an_alternative_to_the_plain_text(self):
        message = parsed(mail(body_html="<p>Hello</p>"))
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]

    @pytest.mark.parametrize("name", ["Иван Петров, ООО «Ромашка»", 'Jane "JD" Doe', "Doe, Jane", "山田太郎", ""])
    def test_display_names_in_any_language(self, name):
        encoded, address = parseaddr(message_from_bytes(build(mail(), display_name=name))["From"])
        assert (str(make_header(decode_header(encoded))), address) == (name, "me@firm.example")

    def test_international_domains_go_out_in_punycode(self):
        message = parsed(mail(address="info@пример.рф"), address="me@münchen.example")
        assert message["To"] == "info@xn--e1afmkfd.xn--p1ai"
        assert message["From"].addresses[0].domain == "xn--mnchen-3ya.example"

    def test_no_line_is_longer_than_the_standard_allows(self):
        outgoing = mail(body="x" * 5000, references=tuple(f"{n}{'y' * 60}@x" for n in range(60)), in_reply_to="z@x")
        assert max(len(line) for line in build(outgoing).split(b"\r\n")) <= 998

    @pytest.mark.parametrize(
        "changes",
        [
            {"subject": "Hi\r\nBcc: all@firm.example"},
            {"subject": "Hi\nBcc: all@firm.example"},
            {"subject": "Hi\x00"},
            {"subject": "Hi\u2028Bcc: all@firm.example"},
            {"address": "anna@firm.example\r\nBcc: all@firm.example"},
            {"address": "anna@firm.example, bob@firm.example"},
            {"rfc_message_id": "a@b>\r\nBcc: all@firm.example"},
            {"in_reply_to": "a@b\r\n\r\nbody"},
            {"references": ("a@b\nBcc: x@y.example",)},
            {"headers": {"X-Note": "a\r\nBcc: all@firm.example"}},
            {"headers": {"X-Note:\r\nBcc": "all@firm.example"}},
            {"headers": {"Bcc": "all@firm.example"}},
            {"headers": {"From": "boss@firm.example"}},
        ],
    )
    def test_nobody_adds_a_header(self, changes):
        with pytest.raises(Invalid):
            build(mail(**changes))

    def test_the_display_name_adds_no_header_either(self):
        with pytest.raises(Invalid):
            build(mail(), display_name="Jane\r\nBcc: all@firm.example")

    @given(st.text(max_size=200), st.text(max_size=400), st.text(max_size=60))
    def test_whatever_is_written_the_headers_stay_ours(self, subject, body, name):
        try:
            message = parsed(mail(subject=subject, body=body), display_name=name)
        except (Invalid, UnicodeEncodeError):
            return
        assert set(message.keys()) <= {
            "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        }  # fmt: skip


class TestSessions:
    def test_one_session_serves_many_messages(self, smtp, account, smtp_sink):
        for number in range(5):
            smtp.send(account, mail(rfc_message_id=f"{number}@firm.example"))
        assert (smtp_sink.connection_count, len(smtp_sink.messages)) == (1, 5)

    def test_a_session_ends_after_its_share_of_messages(self, smtp, account, smtp_sink):
        account = replace(account, settings={**account.settings, "messages_per_connection": 2})
        for number in range(5):
            smtp.send(account, mail(rfc_message_id=f"{number}@firm.example"))
        assert smtp_sink.connection_count == 3

    def test_421_in_the_middle_of_a_session_opens_another_one(self, smtp, account, smtp_sink):
        smtp_sink.options.messages_per_connection = 2
        for number in range(5):
            smtp.send(account, mail(rfc_message_id=f"{number}@firm.example"))
        assert [row["message_id"] for row in smtp_sink.journal.rows] == [f"{n}@firm.example" for n in range(5)]

    def test_a_session_that_died_while_idle_is_replaced(self, smtp, account, smtp_sink):
        smtp.send(account, mail())
        smtp_sink.drop_connections()
        smtp.send(account, mail(rfc_message_id="second@firm.example"))
        assert len(smtp_sink.messages) == 2

    def test_421_on_a_fresh_session_is_a_passing_fault(self, smtp, account, smtp_sink):
        smtp_sink.refuse("mail", "421 4.7.0 Try again later", disconnect=True)
        with pytest.raises(NotSent) as error:
            smtp.send(account, mail())
        assert error.value.fault == Fault.PASSING

    def test_changed_settings_open_a_new_session(self, smtp, account, smtp_sink):
        smtp.send(account, mail())
        smtp.send(replace(account, settings={**account.settings, "timeout_seconds": 6}), mail())
        assert smtp_sink.connection_count == 2

    def test_starttls_and_sign_in(self, smtp, account, smtp_sink):
        smtp_sink.options.offers_starttls = True
        smtp_sink.options.username, smtp_sink.options.password = "me@firm.example", "secret"
        settings = {**account.settings, "security": "starttls", "verify_certificate": False}
        assert "Signed in" in smtp.verify(replace(account, settings=settings, credentials={"password": "secret"}))

    def test_an_unknown_certificate_is_a_fault_of_the_sender(self, smtp, account, smtp_sink):
        smtp_sink.options.offers_starttls = True
        with pytest.raises(NotSent) as error:
            smtp.send(replace(account, settings={**account.settings, "security": "starttls"}), mail())
        assert (error.value.fault, error.value.code) == (Fault.SENDER, "tls_failed")

    def test_a_server_without_starttls_gets_nothing_in_the_clear(self, smtp, account, smtp_sink):
        with pytest.raises(NotSent) as error:
            smtp.send(replace(account, settings={**account.settings, "security": "starttls"}), mail())
        assert error.value.fault == Fault.SENDER
        assert smtp_sink.messages == []

    def test_a_server_that_is_down_is_a_passing_fault(self, smtp, account):
        with pytest.raises(NotSent) as error:
            smtp.send(replace(account, settings={**account.settings, "port": 1}), mail())
        assert error.value.fault == Fault.PASSING

    def test_letters_beyond_ascii_before_the_at_need_smtputf8(self, smtp, account, smtp_sink):
        smtp.send(account, mail(address="иван@firm.example"))
        assert smtp_sink.journal.rows[0]["recipients"] == ["иван@firm.example"]
        smtp_sink.options.offers_smtputf8 = False
        smtp.close()
        with pytest.raises(NotSent) as error:
            smtp.send(account, mail(address="иван@firm.example"))
        assert error.value.code == "smtputf8_missing"


class TestPhases:
    @pytest.mark.parametrize(
        ("stage", "reply", "fault"),
        [
            ("connect", "554 5.7.1 Your address is on a block list", Fault.SENDER),
            ("mail", "550 5.7.1 Sender rejected", Fault.SENDER),
            ("rcpt", "550 5.1.1 No such user", Fault.ADDRESS),
            ("rcpt", "550 5.7.1 Rejected by policy", Fault.SENDER),
            ("rcpt", "452 4.2.2 Mailbox full", Fault.PASSING),
            ("data", "451 4.3.0 Try again", Fault.PASSING),
            ("dot", "552 5.2.3 Message too big", Fault.MESSAGE),
            ("dot", "554 5.7.1 Message rejected as spam", Fault.MESSAGE),
            ("dot", "421 4.7.28 Unusual rate of mail", Fault.PASSING),
        ],
    )
    def test_a_refusal_before_acceptance_is_certain(self, smtp, account, smtp_sink, stage, reply, fault):
        smtp_sink.refuse(stage, reply)
        with pytest.raises(NotSent) as error:
            smtp.send(account, mail())
        assert error.value.fault == fault
        assert smtp_sink.messages == []

    @pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
    def test_a_connection_lost_before_the_final_dot_is_certain(self, smtp, account, smtp_sink, stage):
        smtp_sink.refuse(stage, "250 Ok", disconnect=True)
        with pytest.raises(NotSent) as error:
            smtp.send(account, mail())
        assert error.value.fault == Fault.PASSING
        assert smtp_sink.messages == []

    @pytest.mark.parametrize("is_kept", [True, False])
    def test_a_connection_lost_after_the_final_dot_is_unknown(self, smtp, account, smtp_sink, is_kept):
        smtp_sink.options.cut_probability = 1.0
        smtp_sink.options.cut_keeps_probability = float(is_kept)
        with pytest.raises(OutcomeUnknown):
            smtp.send(account, mail())
        assert len(smtp_sink.messages) == is_kept

    def test_a_server_that_never_answers_the_final_dot_is_unknown(self, smtp, account, smtp_sink):
        smtp_sink.options.delay_seconds = 5
        with pytest.raises(OutcomeUnknown):
            smtp.send(replace(account, settings={**account.settings, "timeout_seconds": 1}), mail())

    def test_a_refused_recipient_leaves_the_session_usable(self, smtp, account, smtp_sink):
        smtp_sink.refuse("rcpt", "550 5.1.1 No such user", "^nobody@")
        with pytest.raises(NotSent):
            smtp.send(account, mail(address="nobody@firm.example"))
        smtp.send(account, mail())
        assert smtp_sink.connection_count == 1

    @pytest.mark.parametrize(
        ("stage", "code", "answer", "fault"),
        [
            ("rcpt", 550, "User unknown", Fault.ADDRESS),
            ("rcpt", 550, "Mail from 1.2.3.4 blocked using Spamhaus", Fault.SENDER),
            ("rcpt", 554, "5.7.1 Relay access denied", Fault.SENDER),
            ("rcpt", 550, "5.7.133 Sender not authenticated for group", Fault.ADDRESS),
            ("rcpt", 550, "5.5.0 Requested action not taken: mailbox unavailable", Fault.ADDRESS),
            ("rcpt", 552, "5.2.2 Over quota", Fault.PASSING),
            ("rcpt", 553, "5.1.8 Sender domain does not exist", Fault.SENDER),
            ("dot", 550, "5.7.26 Unauthenticated mail is prohibited (DMARC)", Fault.SENDER),
            ("dot", 554, "Transaction failed: no such user", Fault.ADDRESS),
            ("dot", 550, "Policy: reputation too low", Fault.SENDER),
            ("auth", 535, "5.7.8 Not accepted", Fault.SENDER),
            ("auth", 454, "4.7.0 Temporary authentication failure", Fault.PASSING),
        ],
    )
    def test_whose_fault_an_answer_is(self, stage, code, answer, fault):
        assert refusal(stage, code, answer).fault == fault


class TestFind:
    def test_what_lies_in_the_folder_of_sent_mail_was_sent(self, smtp, account, mailbox):
        account = replace(
            account, settings={**account.settings, **mailbox.settings}, credentials={"imap_password": mailbox.password}
        )
        assert smtp.find(account, mail()).finding == Finding.CANNOT_TELL
        mailbox.deliver(build(mail()), "Sent")
        evidence = smtp.find(account, mail())
        assert evidence.finding == Finding.FOUND
        assert "Sent" in evidence.detail

    def test_without_imap_nobody_can_tell(self, smtp, account):
        assert smtp.find(account, mail()).finding == Finding.CANNOT_TELL

    def test_verify_signs_in_to_imap_too(self, smtp, account, mailbox):
        settings = {**account.settings, **mailbox.settings}
        good = replace(account, settings=settings, credentials={"imap_password": mailbox.password})
        assert "0 messages" in smtp.verify(good)
        with pytest.raises(NotSent) as error:
            smtp.verify(replace(good, credentials={"imap_password": "wrong"}))
        assert (error.value.fault, error.value.code) == (Fault.SENDER, "imap_sign_in")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"port": "587"}, "port"),
        ({"port": 0}, "port"),
        ({"security": "magic"}, "security"),
        ({"host": "https://smtp.firm.example"}, "host"),
        ({"username": "me"}, "password"),
        ({"verify_certificate": "yes"}, "verify_certificate"),
    ],
)
def test_wrong_settings_are_named(smtp, account, wrong, field):
    with pytest.raises(Invalid) as error:
        smtp.check_settings(replace(account, settings={**account.settings, **wrong}))
    assert error.value.field == field
