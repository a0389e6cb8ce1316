"""Conversation, messages, lead, allowances: one order of locks, so that a reply and a report never wait for each other."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from conversations.channels.base import Accepted, Fault, NotSent
from conversations.consent.services import Target, suppress
from conversations.dispatch import claiming, gate, recording
from conversations.models import Conversation, Message
from conversations.outbox.events import record_event
from outreach.core import clock
from tests.conversations.factories import ACTOR, make_message

pytestmark = pytest.mark.django_db(transaction=True)


def sending() -> Message:
    message = make_message()
    [row] = claiming.claim(message.sender, 1)
    assert gate.pass_gate(row)
    return row


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    "act",
    [
        lambda m: record_event(message=m, kind="delivered", occurred_at=clock.now()),
        lambda m: recording.accepted(m, Accepted("SM1", "ok")),
        lambda m: recording.not_sent(m, NotSent(Fault.ADDRESS, "550", "No such user.")),
        lambda m: suppress(Target(lead=m.lead), reason="opt_out", actor=ACTOR),
    ],
    ids=["report", "accepted", "refused", "opt-out"],
)
def test_who_needs_a_conversation_holds_none_of_its_messages_while_waiting(act: Callable[[Message], object]):
    """Somebody handles a reply: he holds the conversation and then takes the message. The other one waits empty-handed."""
    message = sending()
    holds, waits = threading.Event(), threading.Event()

    def reply() -> None:
        try:
            with transaction.atomic():
                Conversation.objects.select_for_update().get(pk=message.conversation_id)
                holds.set()
                assert waits.wait(20)
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '3s'")
                Message.objects.select_for_update().get(pk=message.pk)
        finally:
            connection.close()

    def other() -> None:
        try:
            assert holds.wait(20)
            act(message)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(reply), pool.submit(other)
        give_up = time.monotonic() + 20
        while not is_somebody_waiting() and time.monotonic() < give_up:
            pass
        waits.set()
        first.result(30)
        second.result(30)
