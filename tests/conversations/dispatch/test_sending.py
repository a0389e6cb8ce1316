"""What leaves, when, and what is written down of it."""

from datetime import timedelta

import pytest
import time_machine

from conversations.consent.services import Target, suppress
from conversations.dispatch import gate
from conversations.models import Message
from conversations.outbox import services as outbox
from conversations.outbox import streams
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.events.models import Event
from outreach.limits.models import Allowance
from tests.conversations.factories import ACTOR, make_conversation, make_message, make_reply, make_sender, make_stream

pytestmark = pytest.mark.django_db


def state(message: Message) -> str:
    message.refresh_from_db()
    return message.state


def test_a_due_approved_message_leaves_once_and_is_recorded(tick, carrier):
    message = make_message()
    assert tick() == 1
    assert tick() == 0
    assert state(message) == "sent"
    assert carrier.addresses == [message.address]
    assert message.sent_at
    message.conversation.refresh_from_db()
    message.lead.refresh_from_db()
    assert message.conversation.last_outbound_at and message.lead.last_contacted_at
    assert list(message.events.values_list("kind", flat=True)) == ["scheduled", "sent"]
    assert Event.objects.filter(kind="message.sent", payload__message_id=message.pk).count() == 1


def test_what_is_not_due_stays(tick):
    message = make_message(scheduled_at=clock.now() + timedelta(hours=1))
    assert tick() == 0
    assert state(message) == "scheduled"
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert tick() == 1
    assert state(message) == "sent"


def test_what_nobody_approved_never_leaves(tick, carrier):
    message = make_message(approval_rule="")
    assert tick() == 0
    assert state(message) == "scheduled"
    assert carrier.sent == []


def test_an_edit_after_approval_is_held_until_it_is_approved_again(tick, carrier, admin_user):
    message = make_message()
    Message.objects.filter(pk=message.pk).update(body="Something else")
    tick()
    assert state(message) == "skipped"
    assert message.refused_by == "approved"
    assert "Approve it again" in message.error
    outbox.approve(message=message, user=admin_user)
    tick()
    assert state(message) == "sent"
    assert carrier.sent[0].body == "Something else"


@pytest.mark.parametrize("field", ["subject", "body", "body_html", "address", "copies"])
def test_the_approval_covers_everything_that_the_recipient_gets(field, tick):
    message = make_message()
    Message.objects.filter(pk=message.pk).update(**{field: "changed@elsewhere.de"})
    tick()
    assert state(message) == "skipped"


def test_the_priority_decides_and_equal_streams_take_turns(tick, carrier):
    sender = make_sender(hourly_cap=6)
    streams = [make_stream(), make_stream()]
    first = [make_message(sender=sender, stream=streams[0]) for _ in range(6)]
    second = [make_message(sender=sender, stream=streams[1]) for _ in range(6)]
    urgent = make_message(sender=sender, stream=streams[0], priority=5)
    tick()
    assert state(urgent) == "sent"
    counts = [sum(state(message) == "sent" for message in messages) for messages in (first, second)]
    assert sorted(counts) == [2, 3]


def test_caps_of_the_sender_and_of_the_stream_hold(tick):
    sender, stream = make_sender(hourly_cap=5), make_stream(daily_cap=3)
    for _ in range(6):
        make_message(sender=sender, stream=stream)
        make_message(sender=sender)
    tick()
    sent = Message.objects.filter(state="sent")
    assert sent.count() == 5
    assert sent.filter(stream=stream).count() <= 3


def test_the_gap_lets_one_leave_at_a_time(tick):
    sender = make_sender(gap_seconds=30)
    for _ in range(3):
        make_message(sender=sender)
    assert tick() == 1
    assert tick() == 0
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        assert tick() == 1


def test_a_paused_stream_and_a_paused_sender_hold_everything(tick):
    stream, sender = make_stream(), make_sender()
    in_stream, of_sender = make_message(stream=stream), make_message(sender=sender)
    streams.pause_stream(stream=stream, actor=ACTOR)
    sender.state = "paused"
    sender.save()
    assert tick() == 0
    assert {state(in_stream), state(of_sender)} == {"scheduled"}
    streams.activate_stream(stream=stream, actor=ACTOR)
    assert tick() == 1


def test_outside_the_recipients_hours_it_waits_for_the_next_opening(tick):
    with time_machine.travel("2026-03-02T08:00:00Z", tick=False):
        stream = make_stream(window={"start": "09:00", "end": "17:00"})
        conversation = make_conversation()
        conversation.lead.country = "US"
        conversation.lead.city = "New York"
        conversation.lead.save()
        message = make_message(conversation=conversation, stream=stream)
        assert message.scheduled_at.isoformat() == "2026-03-02T14:00:00+00:00"
        assert message.timing["when"] == "planned"
        assert message.timing["zones"] == ["America/New_York"]
        assert tick() == 0
    with time_machine.travel("2026-03-02T14:00:30Z", tick=False):
        tick()
        assert state(message) == "sent"
        assert message.timing["when"] == "gate"


def test_hours_that_changed_since_it_was_planned_are_read_again_at_the_gate(tick):
    with time_machine.travel("2026-03-02T08:00:00Z", tick=False):
        message = make_message()
        streams.update_stream(stream=message.stream, actor=ACTOR, window={"start": "09:00", "end": "17:00"})
        tick()
        assert state(message) == "deferred"
        assert message.refused_by == "window_open"
        assert message.scheduled_at.isoformat() == "2026-03-02T09:00:00+00:00"
        assert Allowance.objects.get(key=f"sender:{message.sender_id}").usage["hours"] == {}


def test_hours_that_never_open_together_are_said_when_planning():
    sender = make_sender(working_hours={"start": "09:00", "end": "12:00"})
    stream = make_stream(window={"start": "14:00", "end": "16:00"})
    with pytest.raises(Invalid, match="never overlap"):
        make_message(sender=sender, stream=stream)


def test_a_senders_working_hours_hold_it_without_a_claim(tick):
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        sender = make_sender(working_hours={"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"})
        message = make_message(sender=sender)
        assert tick() == 0
        assert state(message) == "scheduled"


def test_what_was_missed_goes_to_review_and_not_out_in_a_burst(tick):
    sender = make_sender()
    messages = [make_message(sender=sender, scheduled_at=clock.now() + timedelta(minutes=1)) for _ in range(3)]
    with time_machine.travel(clock.now() + timedelta(hours=5)):
        tick()
        assert {state(message) for message in messages} == {"skipped"}
        assert messages[0].refused_by == "not_overdue"
        outbox.retry(message=messages[0], actor=ACTOR)
        tick()
        assert state(messages[0]) == "sent"


def test_what_a_cap_held_back_is_not_overdue(tick):
    sender = make_sender(hourly_cap=1)
    messages = [make_message(sender=sender) for _ in range(3)]
    start = clock.now()
    for minutes in range(0, 200, 5):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            tick()
    assert [state(message) for message in messages] == ["sent"] * 3


def test_a_reply_stops_the_follow_up_and_an_automatic_answer_does_not(tick):
    first = make_message()
    tick()
    follow_up = make_message(conversation=first.conversation, sender=first.sender, follows=first)
    make_reply(first.conversation, attributes={"kind": "auto_reply"})
    tick()
    assert state(follow_up) == "sent"
    second = make_message(conversation=first.conversation, sender=first.sender, follows=first)
    make_reply(first.conversation)
    tick()
    assert state(second) == "cancelled"
    assert second.refused_by == "no_reply"


def test_a_follow_up_goes_in_thread_from_the_same_sender(tick, carrier):
    first = make_message(subject="Your roof")
    second = make_message(conversation=first.conversation, follows=first, subject="Something new")
    third = make_message(conversation=first.conversation, follows=second, subject="")
    tick()
    tick()
    for late in (second, third):
        if state(late) == "deferred":
            outbox.retry(message=late, actor=ACTOR)
            tick()
    outgoing = {item.id: item for item in carrier.sent}
    assert second.sender_id == third.sender_id == first.sender_id
    assert outgoing[third.pk].subject == "Re: Your roof"
    assert outgoing[third.pk].in_reply_to == second.rfc_message_id
    assert outgoing[third.pk].references == (first.rfc_message_id, second.rfc_message_id)


def test_no_follow_up_leaves_a_mailbox_that_was_not_read_lately(tick):
    sender = make_sender()
    first = make_message(sender=sender)
    tick()
    sender.settings = {**sender.settings, "imap_host": "127.0.0.1"}
    sender.save()
    follow_up = make_message(conversation=first.conversation, follows=first)
    tick()
    assert state(follow_up) == "deferred"
    assert follow_up.refused_by == "mailbox_read"
    sender.last_polled_at = clock.now()
    sender.save()
    outbox.retry(message=follow_up, actor=ACTOR)
    tick()
    assert state(follow_up) == "sent"


def test_a_sandbox_sender_never_reaches_a_real_address_nor_a_real_one_a_reserved(tick, carrier):
    message = make_message()
    message.sender.adapter = "sandbox"
    message.sender.save()
    tick()
    assert state(message) == "skipped"
    assert message.refused_by == "sandbox"
    assert carrier.sent == []


def test_an_erased_person_gets_nothing(tick):
    message = make_message()
    message.lead.erased_at = clock.now()
    message.lead.save()
    tick()
    assert state(message) == "cancelled"
    assert message.refused_by == "not_erased"


def test_a_worker_that_lost_its_claim_cannot_pass_the_gate(tick, carrier, heal):
    from conversations.dispatch import claiming

    message = make_message()
    [slow] = claiming.claim(message.sender, 10)
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        heal()
        assert not gate.pass_gate(slow)
        tick()
    assert state(message) == "sent"
    assert carrier.addresses == [message.address]


def test_opting_out_between_claim_and_gate_wins(carrier):
    from conversations.dispatch import claiming, sending

    message = make_message()
    [claimed] = claiming.claim(message.sender, 10)
    suppress(Target(domain=message.address.partition("@")[2]), reason="manual", actor=ACTOR)
    assert state(message) == "cancelled"
    from conversations.senders.services import account

    sending.deliver(claimed, carrier, account(message.sender))
    assert carrier.sent == []


def test_a_pause_in_mid_batch_puts_the_rest_back(carrier, tick):
    stream, sender = make_stream(), make_sender()
    messages = [make_message(stream=stream, sender=sender) for _ in range(4)]

    def pause(outgoing) -> None:
        if len(carrier.sent) == 1:
            streams.pause_stream(stream=stream, actor=ACTOR)

    carrier.before_answer = pause
    tick()
    assert sorted(state(message) for message in messages) == ["scheduled", "scheduled", "sent", "sent"]
    usage = Allowance.objects.get(key=f"sender:{sender.pk}").usage
    assert sum(usage["hours"].values()) == 2


def test_nothing_enters_sending_past_the_gate():
    from django.db import DatabaseError, transaction

    message = make_message()
    with pytest.raises(DatabaseError, match="only a claimed message"), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(state="sending")
    from conversations.dispatch import claiming

    claiming.claim(message.sender, 1)
    with pytest.raises(DatabaseError, match="not approved"), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(state="sending", body="Smuggled")
