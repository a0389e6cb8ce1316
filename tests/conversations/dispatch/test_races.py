"""Two at once, on the real database with real transactions: claims, pauses, opt-outs, replies, edits, senders side by side."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from django.db import connection, transaction

from conversations.consent.services import Target, suppress
from conversations.dispatch import claiming, gate, sending
from conversations.models import Message
from conversations.outbox import streams
from conversations.outbox.content import COLUMNS, content_hash
from conversations.senders.services import account
from outreach.limits.models import Allowance
from tests.conversations.factories import ACTOR, make_conversation, make_message, make_reply, make_sender, make_stream

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(*functions: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each on its own connection."""
    barrier = threading.Barrier(len(functions))

    def run(function: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result(30) for future in [pool.submit(run, function) for function in functions]]


def test_claimers_of_one_sender_never_share_a_message_nor_its_budget():
    sender = make_sender(hourly_cap=35)
    for _ in range(50):
        make_message(sender=sender)

    def claim_all() -> list[int]:
        found: list[int] = []
        for _ in range(30):
            found += [message.pk for message in claiming.claim(sender, 7)]
        return found

    claimed = [pk for found in in_threads(*[claim_all] * 4) for pk in found]
    assert len(claimed) == len(set(claimed)) == 35
    assert sum(Allowance.objects.get(key=f"sender:{sender.pk}").usage["hours"].values()) == 35


def test_senders_of_one_capped_stream_share_its_budget():
    stream = make_stream(daily_cap=10)
    senders = [make_sender() for _ in range(4)]
    for sender in senders:
        for _ in range(8):
            make_message(sender=sender, stream=stream)
    claimed = in_threads(*[lambda sender=sender: claiming.claim(sender, 8) for sender in senders])
    assert sum(len(rows) for rows in claimed) == 10


def test_a_gate_waits_for_those_that_let_somebody_through_to_the_same_person():
    """Three have passed and are about to commit: the fourth, at the same instant, sees them."""
    conversation = make_conversation()
    rows = [claiming.claim(make_message(conversation=conversation).sender, 1)[0] for _ in range(4)]
    about_to_commit = transaction.atomic()
    about_to_commit._from_testcase = True  # the gate refuses to be part of any other transaction
    with ThreadPoolExecutor(1) as pool:
        with about_to_commit:
            assert [gate.pass_gate(row) for row in rows[:3]] == [True] * 3
            fourth = pool.submit(closing(gate.pass_gate), rows[3])
            while not (wait([fourth], 0.01).done or _is_waited_for()):
                continue
        assert fourth.result(30) is False


def closing(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def run(argument: Any) -> Any:
        try:
            return function(argument)
        finally:
            connection.close()

    return run


def _is_waited_for() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])


def test_two_ticks_at_once_send_everything_once(carrier):
    for _ in range(3):
        sender = make_sender()
        for _ in range(15):
            make_message(sender=sender)
    tick = lambda: sending.send_due(adapter_for=lambda _name: carrier)  # noqa: E731
    in_threads(tick, tick, tick)
    while tick():
        pass
    assert len(carrier.addresses) == len(set(carrier.addresses)) == 45
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_of_two_workers_at_the_gate_one_passes():
    message = make_message()
    [first] = claiming.claim(message.sender, 1)
    second = Message.objects.select_related("stream", "sender", "lead").get(pk=first.pk)
    assert sorted(in_threads(lambda: gate.pass_gate(first), lambda: gate.pass_gate(second))) == [False, True]


@pytest.mark.parametrize(
    ("spoil", "state"),
    [
        (lambda m: suppress(Target(lead=m.lead), reason="opt_out", actor=ACTOR), "cancelled"),
        (lambda m: suppress(Target(domain=m.address.partition("@")[2]), reason="manual", actor=ACTOR), "cancelled"),
        (lambda m: make_reply(m.conversation), "cancelled"),
        (lambda m: Message.objects.filter(pk=m.pk).update(body="Edited"), "skipped"),
        (lambda m: streams.pause_stream(stream=m.stream, actor=ACTOR), "scheduled"),
        (lambda m: streams.close_stream(stream=m.stream, actor=ACTOR), "cancelled"),
        (lambda m: type(m.sender).objects.filter(pk=m.sender_id).update(state="stopped"), "scheduled"),
        (lambda m: type(m.stream).objects.filter(pk=m.stream_id).update(window={"days": [], "start": "09:00"}), None),
    ],
)
def test_what_happens_between_claim_and_gate_stops_the_message(spoil, state, carrier):
    message = make_message()
    [claimed] = claiming.claim(message.sender, 1)
    spoil(message)
    if state is not None:
        sending.deliver(claimed, carrier, account(message.sender))
        message.refresh_from_db()
        assert message.state == state
    else:
        assert not gate.pass_gate(claimed)
    assert carrier.sent == []


def test_a_pause_that_races_with_the_gate_stops_everything_after_it_committed(carrier):
    stream, sender = make_stream(), make_sender()
    for _ in range(30):
        make_message(stream=stream, sender=sender)
    paused = threading.Event()
    late: list[str] = []

    def watch(outgoing) -> None:
        if paused.is_set():
            late.append(outgoing.address)

    carrier.before_answer = watch

    def pause() -> None:
        streams.pause_stream(stream=stream, actor=ACTOR)
        paused.set()

    in_threads(lambda: sending.send_due(adapter_for=lambda _name: carrier), pause)
    assert len(late) <= 1  # the one that had passed the gate already
    states = list(Message.objects.values_list("state", flat=True))
    assert states.count("sent") == len(carrier.sent)
    assert states.count("sent") + states.count("scheduled") == 30


def test_a_text_edited_and_approved_again_since_the_claim_leaves_with_the_new_text_or_not_at_all(carrier):
    message = make_message()
    [claimed] = claiming.claim(message.sender, 1)
    Message.objects.filter(pk=message.pk).update(body="The better text")
    edited = Message.objects.get(pk=message.pk)
    Message.objects.filter(pk=message.pk).update(
        approved_hash=content_hash(**{column: getattr(edited, column) for column in COLUMNS})
    )
    sending.deliver(claimed, carrier, account(message.sender))
    assert carrier.addresses == []
    sending.send_due(adapter_for=lambda _name: carrier)
    assert [outgoing.body for outgoing in carrier.sent] == ["The better text"]
