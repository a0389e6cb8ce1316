"""The audit trail in the reader's language: what was done, who did it and why, however long ago it was written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from outreach.core import audit, chain, words
from outreach.core.actors import SYSTEM, actor_label
from outreach.core.models import Actor, AuditEntry
from outreach.core.templatetags.outreach import VERBS, _state_names, action_name
from outreach.jobs import periodic
from tests.campaigns.factories import make_sender, make_user

CODE = [
    path.read_text(encoding="utf-8")
    for wing in ("outreach", "leads", "conversations", "campaigns")
    for path in (Path(settings.BASE_DIR) / wing).rglob("*.py")
]
SHOWN = ("candidate", "company", "draft", "lead", "network", "sender")
"""What has a history on its page."""


def named(pattern: str) -> set[str]:
    return {found for text in CODE for found in re.findall(pattern, text)}


@pytest.mark.django_db
def test_a_reason_is_read_in_the_readers_language_and_stays_sealed():
    sender = make_sender()
    for reason in (words.gettext("The worker died."), "typed by a person"):
        audit.record("sender.tested", subject=sender, actor=Actor.system("delivery"), reason=reason)
    chain.seal()
    with translation.override("ru"):
        typed, made = audit.trail(sender)
        assert (typed.why, made.why) == ("typed by a person", "Рабочий процесс аварийно завершился.")
        assert made.who == "Отправка"
        assert action_name(made.action) == "Пробное сообщение отправлено"
        assert chain.verify().fault == ""
    assert made.why != "" and audit.trail(sender)[1].why == "The worker died."


@pytest.mark.django_db
def test_a_person_keeps_their_name():
    entry = audit.record("sender.tested", subject=make_sender(), actor=Actor.of(make_user(username="import")))
    assert AuditEntry.objects.get(pk=entry.pk).who == "import"
    assert actor_label("rule: Short ones") == "Rule “Short ones”"


def test_every_part_that_acts_by_itself_has_a_name():
    assert named(r'Actor\.system\("([^"]+)"\)') - {"demo"} <= set(SYSTEM)


def test_every_action_in_a_history_has_words():
    actions = named(r'record(?:_all|_alike)?\(\s*"([a-z_]+\.[a-z_]+)"')
    shown = {action for action in actions if action.partition(".")[0] in SHOWN}
    assert len(shown) > 15
    assert not {one for one in shown if one not in _state_names() and one.partition(".")[2] not in VERBS}


def test_every_schedule_says_what_it_does():
    assert not [name for name, schedule in periodic.schedules().items() if not schedule.title]
