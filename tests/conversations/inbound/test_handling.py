"""One event: once, whatever comes twice, fails or is raced for."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Barrier, Thread

import pytest
from django.db import connection

from conversations.inbound import handling, services
from conversations.inbound.models import InboundEvent
from conversations.models import Conversation, Message
from conversations.replies.models import Reading
from outreach.core import clock
from outreach.events.models import Event
from tests.conversations.factories import make_lead, make_message
from tests.conversations.inbound.arriving import answer, receive

pytestmark = pytest.mark.django_db


def test_handling_again_changes_nothing(sent):
    event = receive(answer(sent, "Yes"))
    handling.handle(event)
    services.handle_again(event=event, actor=handling.ACTOR)
    handling.handle(event)
    assert event.state == "handled"
    assert Message.objects.filter(direction="in").count() == 1
    assert Reading.objects.count() == 1


def test_an_event_that_nothing_handles_fails_and_may_be_handled_again(sent):
    event = services.store(source="pigeon", external_id="1")
    handling.handle(event)
    assert event.state == "failed" and "pigeon" in event.error and event.attempts == 1
    InboundEvent.objects.filter(pk=event.pk).update(source="imap", body=answer(sent, "Yes").encode())
    handling.handle(event)
    assert event.state == "handled" and event.error == ""


def test_broken_mail_is_no_fault():
    assert receive("\x00\xff garbage").state == "ignored"


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_event_make_one_message(sent):
    event = services.store(source="imap", external_id="race", body=answer(sent, "Yes, call me").encode())
    barrier = Barrier(2)

    def work() -> None:
        try:
            barrier.wait(10)
            handling.handle(InboundEvent.objects.get(pk=event.pk))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    event.refresh_from_db()
    assert event.state == "handled"
    assert Message.objects.filter(direction="in").count() == 1
    assert Event.objects.filter(kind="reply.received").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_thousand_events_at_once_are_handled_without_loss_and_keep_their_order():
    people, letters, workers = 40, 25, 4
    firsts = [sent_to(f"person{number}@firm{number}.de") for number in range(people)]
    written = [(first, number) for number in range(letters) for first in firsts]
    for place, (first, number) in enumerate(written):
        address = first.address
        date = f"Date: Wed, 4 Mar 2026 10:{number:02}:00 +0000\n"
        raw = answer(first, f"Letter {number:02} of mine", sender=address, headers=date, number=place)
        services.store(source="imap", external_id=f"crowd{place}", body=raw.encode())
    waiting = SimpleQueue()
    for pk in InboundEvent.objects.order_by("pk").values_list("pk", flat=True):
        waiting.put(pk)

    def work() -> None:
        try:
            with contextlib.suppress(Empty):
                while True:
                    handling.handle(InboundEvent.objects.get(pk=waiting.get_nowait()))
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work) for _ in range(workers)]:
            done.result()
    assert set(InboundEvent.objects.values_list("state", flat=True)) == {"handled"}
    assert Message.objects.filter(direction="in").count() == people * letters == Reading.objects.count()
    for first in firsts:
        told = first.conversation.messages.filter(direction="in").order_by("received_at").values_list("body", flat=True)
        assert [body[:9] for body in told] == [f"Letter {number:02}" for number in range(letters)]


def sent_to(address: str) -> Message:
    message = make_message(conversation=Conversation.objects.create(lead=make_lead(email=address)))
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=clock.now())
    message.refresh_from_db()
    return message
