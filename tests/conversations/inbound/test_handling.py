"""One event: once, whatever comes twice, fails or is raced for."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection

from conversations.inbound import handling, services
from conversations.inbound.models import InboundEvent
from conversations.models import Message
from conversations.replies.models import Reading
from outreach.events.models import Event
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
