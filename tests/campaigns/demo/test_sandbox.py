"""The sandbox: the same people every time, and what they do comes in as it would from outside."""

from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from campaigns.demo.sandbox import mails, persona, texts
from campaigns.demo.sandbox.adapter import SandboxAdapter
from conversations.channels.base import Account, Fault, NotSent
from outreach.core.errors import Invalid
from tests.conversations.channels.test_contract import mail, text

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def react(address, **changes):
    arguments = {"seed": "outreach", "channel": "email", "language": "en", **changes}
    return persona.reactions(address, **arguments)


def kinds(reactions):
    return [reaction.kind for reaction in reactions]


class TestPeople:
    def test_the_same_seed_gives_the_same_people(self):
        addresses = [f"p{number}@firm{number}.example" for number in range(50)]
        assert [react(a) for a in addresses] == [react(a) for a in addresses]
        assert [react(a) for a in addresses] != [react(a, seed="another") for a in addresses]

    def test_most_people_ignore_us_and_a_few_do_everything_else(self):
        found = Counter(persona.character(f"p{n}@firm{n}.example", seed="outreach") for n in range(2000))
        assert set(found) == set(persona.SHARES)
        assert found["ignores"] + found["opens"] > 1000
        assert 0.01 < (found["bounces"] + found["refused"]) / 2000 < 0.08

    def test_somebody_who_asks_books_once_they_have_an_answer(self):
        first, second, third, fourth = (react("a+asks@firm.example", turn=turn, is_follow_up=True) for turn in range(4))
        assert [r[-1].payload.get("intent") for r in (first, second, third)] == ["asks", "books", "confirms"]
        assert kinds(fourth) == ["delivered"]

    def test_a_bounce_is_never_delivered(self):
        assert kinds(react("a+bounces@firm.example")) == ["bounce"]

    def test_nobody_opens_a_text_message(self):
        assert set(kinds(react("+12025550190", channel="sms"))) <= {"delivered", "reply"}

    @pytest.mark.parametrize("language", ["en", "ru"])
    @pytest.mark.parametrize("channel", ["email", "sms"])
    def test_everybody_has_something_to_say_in_both_languages(self, language, channel):
        chance = persona._random("x")
        for intent in {*persona.ANSWERS, *(i for turns in texts.LATER_TURNS.values() for i in turns)}:
            assert texts.choose(intent, language=language, channel=channel, chance=chance)


class TestMails:
    original = mails.Original(
        id=5,
        address="anna.berg+asks@firm.example",
        sender_address="me@sandbox.example",
        subject="Закупки",
        body="Здравствуйте, Анна!\nЕсть вопрос.",
        rfc_message_id="first@sandbox.example",
        references=("zero@sandbox.example",),
        language="ru",
        sent_at=NOW,
    )

    def test_a_reply_stands_in_the_thread(self):
        raw = mails.reply(self.original, text="Сколько стоит?", now=NOW, quotes=True, signs=True, has_html=True)
        message = message_from_bytes(raw, policy=default)
        assert message["In-Reply-To"] == "<first@sandbox.example>"
        assert message["References"].split() == ["<zero@sandbox.example>", "<first@sandbox.example>"]
        assert message["Subject"] == "Re: Закупки"
        body = message.get_body(("plain",)).get_content()
        assert body.startswith("Сколько стоит?")
        assert "> Есть вопрос." in body

    def test_an_absence_says_that_it_is_automatic(self):
        message = message_from_bytes(mails.out_of_office(self.original, days=5, now=NOW), policy=default)
        assert message["Auto-Submitted"] == "auto-replied"
        assert "07.03.2026" in message.get_content()

    def test_a_bounce_is_a_real_delivery_status_notification(self):
        message = message_from_bytes(mails.bounce(self.original, status="5.1.1", now=NOW))
        assert message.get_content_type() == "multipart/report"
        assert message.get_param("report-type") == "delivery-status"
        status = message.get_payload(1).get_payload()
        assert status[1]["Final-Recipient"] == "rfc822; anna.berg+asks@firm.example"
        assert (status[1]["Action"], status[1]["Status"]) == ("failed", "5.1.1")
        assert message.get_payload(2).get_payload(0)["Message-ID"] == "<first@sandbox.example>"


class TestDoor:
    account = Account(1, "email", "me@sandbox.example", "", {}, {})

    @pytest.mark.parametrize("outgoing", [mail(address="somebody@real-company.com"), text(address="+4915112345678")])
    def test_an_address_that_may_be_real_is_never_written_to(self, outgoing):
        taken = []
        adapter = SandboxAdapter(record=lambda *sent: taken.append(sent))
        with pytest.raises(NotSent) as error:
            adapter.send(self.account, outgoing)
        assert (error.value.fault, error.value.code) == (Fault.MESSAGE, "not_reserved")
        assert taken == []

    def test_nor_does_a_sandbox_sender_have_one(self):
        with pytest.raises(Invalid):
            SandboxAdapter().check_settings(Account(1, "email", "me@real-company.com", "", {}, {}))
