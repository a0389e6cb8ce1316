"""Why is this not sent? The same predicates as the gate's, in sentences with numbers."""

from datetime import timedelta

import pytest

from conversations.consent.services import Target, suppress
from conversations.dispatch.checks import CHECKS
from conversations.dispatch.explain import explain
from conversations.models import Message
from conversations.outbox import streams
from outreach.core import clock
from outreach.limits import services as limits
from outreach.limits.windows import Limits
from tests.conversations.factories import ACTOR, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db


def refused(message: Message) -> dict[str, str]:
    return {check.name: check.sentence for check in explain(message).checks if not check.passed}


def test_a_message_that_nothing_holds_back_says_so():
    explanation = explain(make_message())
    assert explanation.is_sendable_now
    assert {check.name for check in CHECKS} < {check.name for check in explanation.checks}
    assert all(check.sentence for check in explanation.checks)


def test_a_later_time_is_the_next_possible_one():
    at = clock.now() + timedelta(days=2)
    explanation = explain(make_message(scheduled_at=at))
    assert not explanation.is_sendable_now
    assert explanation.next_at == at


def test_a_used_up_cap_is_named_with_its_numbers_and_its_end():
    sender = make_sender(hourly_cap=2)
    message = make_message(sender=sender)
    limits.take(f"sender:{sender.pk}", 2, Limits(), clock.now())
    explanation = explain(message)
    [budget] = [check for check in explanation.checks if check.name == "sender_budget"]
    assert "2 of 2" in budget.sentence
    assert budget.next_at and budget.next_at <= clock.now() + timedelta(minutes=66)
    assert explanation.next_at == budget.next_at


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("approved", lambda m: Message.objects.filter(pk=m.pk).update(body="edited")),
        ("stream_active", lambda m: streams.pause_stream(stream=m.stream, actor=ACTOR)),
        ("no_reply", lambda m: make_reply(m.conversation)),
        (
            "not_suppressed",
            lambda m: suppress(Target(domain=m.address.partition("@")[2]), reason="manual", actor=ACTOR),
        ),
        ("sandbox", lambda m: type(m.sender).objects.filter(pk=m.sender_id).update(adapter="sandbox")),
        ("sender_active", lambda m: type(m.sender).objects.filter(pk=m.sender_id).update(state="paused")),
        ("not_erased", lambda m: type(m.lead).objects.filter(pk=m.lead_id).update(erased_at=clock.now())),
    ],
)
def test_each_obstacle_is_named(name, spoil):
    message = make_message()
    spoil(message)
    assert name in refused(message)
    assert explain(message).next_at is None


def test_the_gate_refuses_exactly_what_explain_says(tick):
    message = make_message()
    streams.update_stream(stream=message.stream, actor=ACTOR, window={"days": [(clock.now().weekday() + 3) % 7]})
    assert list(refused(message)) == ["window_open"]
    tick()
    message.refresh_from_db()
    assert (message.state, message.refused_by) == ("deferred", "window_open")
    assert explain(message).next_at


def test_explaining_takes_few_queries(django_assert_max_num_queries):
    message = make_message()
    with django_assert_max_num_queries(5):
        explain(message)
