"""Reading, second opinions, suggestions."""

from __future__ import annotations

import pytest

from conversations.consent.models import Suppression
from conversations.models import Conversation, Message
from conversations.replies import services, suggesting
from conversations.replies.models import Reading
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.events.models import Event
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation():
    row = make_conversation(make_lead(email="sam@acme.de", first_name="Sam", source="spring-fair.csv"))
    sent = make_message(conversation=row, sender=make_sender(display_name="Dana Fox"))
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now())
    Conversation.objects.filter(pk=row.pk).update(
        waiting_since=clock.now(), state="engaged", handler="ai", booking_url="https://book.firm.de/dana"
    )
    row.refresh_from_db()
    return row


def suggested(conversation: Conversation, body: str) -> str:
    services.read_by_rules(make_reply(conversation, body=body))
    made = suggesting.suggest(conversation)
    assert made is not None and made.interaction.provider == "builtin"
    return made.body


def test_whoever_wants_a_call_gets_the_booking_link(conversation):
    assert "https://book.firm.de/dana" in suggested(conversation, "Can we talk on Thursday?")


def test_whoever_asks_for_prices_is_not_told_invented_ones(conversation):
    body = suggested(conversation, "How much does it cost?")
    assert not any(character in body for character in "€$%") and not any(c.isdigit() for c in body)


def test_the_question_whether_a_machine_writes_is_answered_truthfully(conversation):
    assert "person reads and approves" in suggested(conversation, "Is this a bot?")
    assert "программа" in suggested(conversation, "Вы робот?")


def test_the_source_of_the_address_is_told(conversation):
    assert "spring-fair.csv" in suggested(conversation, "Where did you get my email?")


def test_an_answer_is_in_the_language_of_the_reply(conversation):
    assert suggested(conversation, "Сколько это стоит?").startswith(
        "Sam, здравствуйте!\n\nНе хочу называть цену наугад"
    )


def test_only_the_newest_suggestion_is_open(conversation):
    suggested(conversation, "Tell me more")
    suggested(conversation, "Or rather: how much is it?")
    assert sorted(conversation.suggestions.values_list("state", flat=True)) == ["proposed", "superseded"]


def test_one_reply_gets_one_suggestion(conversation):
    suggested(conversation, "Tell me more")
    assert suggesting.suggest(conversation) is None


def test_nothing_is_suggested_to_those_who_opted_out(conversation):
    make_reply(conversation, body="Tell me more")
    Conversation.objects.filter(pk=conversation.pk).update(state="opted_out")
    conversation.refresh_from_db()
    assert suggesting.suggest(conversation, is_asked=True) is None


def test_a_doubtful_reply_is_settled_by_the_second_layer_once(conversation):
    reply = make_reply(conversation, body="Hmm")
    services.receive(reply, conversation)
    assert not Event.objects.filter(kind="reply.read").exists()
    first = services.read(reply)
    assert services.read(reply) == first
    assert first.interaction is not None and first.interaction.step == "classify"
    assert Event.objects.filter(kind="reply.read").count() == 1


def test_the_word_of_a_person_stands_above_rules_and_model(conversation):
    reply = make_reply(conversation, body="Hmm")
    services.receive(reply, conversation)
    made = services.correct(message=reply, intent="positive", user=User.objects.create_user("ann", role="reviewer"))
    assert services.read(reply) == made
    assert Reading.objects.filter(message=reply).count() == 2


def test_correcting_an_opt_out_lifts_nothing(conversation):
    reply = make_reply(conversation, body="Please remove me from your list")
    services.receive(reply, conversation)
    services.correct(message=reply, intent="positive", user=User.objects.create_user("ann", role="reviewer"))
    assert Suppression.objects.filter(lifted_at=None).exists()


def test_what_is_no_intent_is_refused(conversation):
    with pytest.raises(Invalid):
        services.correct(message=make_reply(conversation), intent="bounce", user=User.objects.create_user("ann"))
