"""What pure modules say is read in the reader's language."""

from datetime import date

import pytest
from django.utils import translation

from conversations.channels.sms import codes
from conversations.senders import health
from conversations.senders.health import Figures
from conversations.senders.workday import Mailbox, workday
from outreach.core import words
from outreach.limits.calendars import Window
from outreach.limits.windows import HOUR


@pytest.fixture
def shouting():
    """A language in which every text is written in capitals, its placeholders left alone."""
    before = words._translate
    words.translate_by(lambda text: "".join(p if p.startswith("%") else p.upper() for p in _split(text)))
    yield
    words.translate_by(before)


def _split(text):
    import re

    return re.split(r"(%\([a-z]+\)s|%%)", text)


def test_the_application_gives_them_the_language_of_the_moment():
    with translation.override("ru"):
        assert words.gettext("Time zone") == "Часовой пояс"
    with translation.override("en"):
        assert words.gettext("Time zone") == "Time zone"


@pytest.mark.parametrize(
    "figures", [Figures(sent=3), Figures(sent=100), Figures(sent=100, bounced=4), Figures(sent=100, bounced=9)]
)
def test_the_health_of_a_sender(shouting, figures):
    found = health.judge("email", figures)
    assert found.sentence == found.sentence.upper()
    assert all(finding.sentence == finding.sentence.upper() for finding in found.findings)
    assert found.findings[0].guardrail.title == "COMPLAINTS"


def test_days_hours_and_spans(shouting):
    assert str(Window()) == "EVERY DAY 00:00–24:00"
    assert str(Window(frozenset({0, 2}), 540, 1020)) == "MON, WED 09:00–17:00"
    assert HOUR.label == "HOUR"
    mailbox = Mailbox("m", Window(frozenset(range(5)), 540, 1020), 20, 50, 60)
    assert all(line == line.upper() for line in workday(mailbox, date(2026, 3, 3)).sentences())


def test_what_a_carrier_says(shouting):
    assert codes.not_sent(21211).reason == "THIS IS NOT A VALID PHONE NUMBER. (Twilio 21211)"
    assert codes.explain(99999).sentence == "TWILIO REJECTED THE MESSAGE WITH ERROR 99999."


def test_the_trail_speaks_in_words():
    from outreach.core.templatetags.outreach import action_name

    assert [action_name(action) for action in ("sender.active", "bounced", "sender.tested", "lead.identity_added")] == [
        "Active", "Bounced", "Test message sent", "Identity added",
    ]  # fmt: skip
