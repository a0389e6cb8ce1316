"""Facts are kept once, with where they come from; people correct, pin, settle and remove them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from conversations.memory import services as memory
from conversations.memory.extraction import Finding
from conversations.memory.models import Memory
from conversations.memory.recalling import recall
from conversations.models import Conversation, Message
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from tests.campaigns.factories import make_user
from tests.conversations.factories import make_conversation, make_reply

pytestmark = pytest.mark.django_db
TEAM = Finding("team", "40 people", "We are 40 people.")
TIME = Finding("time", "Mornings", "Mornings work best.")


@pytest.fixture
def conversation():
    return make_conversation()


def learned(conversation, *findings, body="…"):
    memory.learn(make_reply(conversation, body=body), findings)
    return list(Memory.objects.order_by("id"))


def test_a_fact_says_which_words_of_which_message_it_is_from(conversation):
    (row,) = learned(conversation, TEAM)
    assert (row.text, row.quote, row.message.direction) == ("40 people", "We are 40 people.", "in")
    assert (row.origin, row.author, row.term, row.fades_at) == ("rules", None, "long", None)


def test_said_again_it_is_one_fact_that_lasts_longer(conversation):
    (short,) = learned(conversation, TIME)
    assert short.term == "short" and short.fades_at > clock.now() + timedelta(days=30)
    (row,) = learned(conversation, TIME)
    assert (row.mentions, row.term, row.fades_at) == (2, "long", None)


def test_the_same_message_twice_changes_nothing(conversation):
    message = make_reply(conversation)
    memory.learn(message, [TIME])
    memory.learn(message, [TIME])
    assert Memory.objects.get().mentions == 1


def test_the_newest_word_holds_where_there_is_one_answer(conversation):
    learned(conversation, TEAM)
    learned(conversation, Finding("team", "55 people", "We are 55 people now."))
    assert [row.text for row in recall(conversation)] == ["55 people"]
    assert Memory.objects.get(text="40 people").ending == "replaced"


def test_what_a_person_wrote_is_not_replaced(conversation):
    memory.add(conversation=conversation, topic="team", text="about 60", user=make_user("reviewer"))
    learned(conversation, TEAM)
    assert {row.text for row in recall(conversation)} == {"about 60", "40 people"}


def test_what_was_removed_is_gone_and_not_learned_again(conversation):
    (row,) = learned(conversation, TEAM)
    memory.forget(memory=row, user=make_user("reviewer"))
    (row,) = learned(conversation, TEAM)
    assert (row.text, row.quote, row.ending) == ("", "", "forgotten")
    assert recall(conversation) == []


def test_an_edit_keeps_where_it_is_from_and_shows_a_change_meanwhile(conversation):
    (row,) = learned(conversation, TEAM)
    user = make_user("reviewer")
    memory.edit(memory=row, text="42 people", user=user, was="40 people")
    row.refresh_from_db()
    assert (row.text, row.quote, row.origin, row.author) == ("42 people", "We are 40 people.", "person", user)
    with pytest.raises(Refused, match="42 people"):
        memory.edit(memory=row, text="43 people", user=user, was="40 people")
    with pytest.raises(Invalid):
        memory.edit(memory=row, text=" ", user=user)


def test_pinned_first_then_by_importance_and_what_fits_the_question(conversation):
    rows = learned(conversation, TIME, TEAM, *(Finding("other", f"likes colour {n}", "…") for n in range(12)))
    by_text = {row.text: row for row in rows}
    memory.pin(memory=by_text["likes colour 3"], user=make_user("reviewer"))
    found = [row.text for row in recall(conversation, about="When in the morning can we talk?", limit=3)]
    assert found[0] == "likes colour 3" and set(found[1:]) == {"40 people", "Mornings"}


def test_a_promise_of_an_answer_that_was_taken_back_does_not_count(conversation):
    (row,) = learned(conversation, Finding("promise", "I'll send it", "I'll send it"))
    assert row.is_open
    Message.objects.filter(pk=row.message_id).update(direction="out", state="cancelled")
    assert recall(conversation) == []


def test_only_what_waits_can_be_settled(conversation):
    promise, team = learned(conversation, Finding("promise", "I'll send it", "I'll send it"), TEAM)
    user = make_user("reviewer")
    memory.settle(memory=promise, user=user)
    assert [row.text for row in recall(conversation)] == ["40 people"]
    with pytest.raises(Refused):
        memory.settle(memory=team, user=user)


def test_what_has_faded_goes_but_what_led_to_a_call_stays(conversation):
    booked = make_conversation()
    learned(conversation, TIME, TEAM)
    learned(booked, TIME)
    Conversation.objects.filter(pk=booked.pk).update(state="booked")
    with time_machine.travel(clock.now() + timedelta(days=33)):
        assert memory.fade() == 0
    with time_machine.travel(clock.now() + timedelta(days=40)):
        assert memory.fade() == 2 and memory.fade() == 0
    kept = {(row.conversation_id, row.text, row.term) for row in Memory.objects.all()}
    assert kept == {(conversation.pk, "40 people", "long"), (booked.pk, "Mornings", "long")}
