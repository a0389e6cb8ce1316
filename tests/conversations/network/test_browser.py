"""The channel in a real browser against the made-up network: invited, accepted, written to, answered, and every fault."""

from __future__ import annotations

from datetime import timedelta

import psutil
import pytest

from conversations.dispatch import reconciling
from conversations.dispatch.sending import send_due
from conversations.models import Conversation, Message
from conversations.network import polling, relations
from conversations.network.models import Relation
from conversations.network.selectors import relation
from leads.sources.network import services
from leads.sources.network.models import NetworkAccount, NetworkProfile
from outreach.events.models import Event
from outreach.jobs.draining import drain
from tests.conversations.factories import make_sender
from tests.leads.sources.network.conftest import ACTOR, somebody

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def due(sender, account):
    """Let every interval pass, then do one step of the lanes."""
    Relation.objects.filter(state="pending").update(next_check_at=sender.created_at)
    NetworkAccount.objects.filter(pk=account.pk).update(polled_at=None)
    account.refresh_from_db()


def send():
    send_due(channels=("network",))
    drain("default")


def state_of(message):
    message.refresh_from_db()
    return message.state


def test_the_whole_way_from_a_note_to_an_answer(site, account, sender, message_to):
    public_id = somebody(site.world, "warm")
    first = message_to(public_id, body="Hello, may I ask you something?")
    assert relation(first.lead_id) == "none"
    send()
    assert state_of(first) == "sent" and "/invitation/" in first.provider_id
    assert relation(first.lead_id) == "pending"
    assert [i.note for i in site.world.invitations] == ["Hello, may I ask you something?"]
    profile = NetworkProfile.objects.get(lead=first.lead)
    assert profile.state == "pending"

    due(sender, account)
    polling.work()  # nobody has answered yet
    row = Relation.objects.get()
    assert (row.state, row.check_count) == ("pending", 1)
    assert row.next_check_at - row.checked_at > timedelta(hours=24 * 2 * 0.8)

    site.world.advance(timedelta(hours=3))
    due(sender, account)
    polling.work()
    drain("default")
    assert relation(first.lead_id) == "connected"
    event = Event.objects.get(kind="network.connected")
    assert (event.payload["lead_id"], event.payload["sender_id"]) == (first.lead_id, sender.pk)

    second = message_to(public_id, body="Thank you for accepting.\n\nShall we talk on Thursday?")
    send()
    assert state_of(second) == "sent" and "/message/" in second.provider_id
    profile.refresh_from_db()
    assert profile.state == "completed"
    assert [said.text for said in site.world.thread(public_id)][-1] == second.body

    site.world.advance(timedelta(hours=2))
    due(sender, account)
    polling.work()
    drain("default")
    reply = Message.objects.get(direction="in")
    assert (reply.conversation_id, reply.channel) == (first.conversation_id, "network")
    assert "Thursday afternoon" in reply.body
    conversation = Conversation.objects.get(pk=first.conversation_id)
    assert conversation.state in {"engaged", "booked"} and conversation.waiting_since
    assert state_of(second) == "replied"
    due(sender, account)
    assert polling.poll(sender=sender, account=account) == 0  # once


def test_a_follow_up_waits_until_messages_were_looked_for(site, account, sender, message_to):
    public_id = somebody(site.world, "friend")
    first = message_to(public_id)
    send()
    assert state_of(first) == "sent"
    follow_up = message_to(public_id, body="One more thing.", follows=first)
    send()
    assert state_of(follow_up) == "deferred" and follow_up.refused_by == "mailbox_read"
    site.world.hear(public_id, "Please stop writing to me.")
    polling.work()
    drain("default")
    assert state_of(follow_up) == "cancelled"
    assert site.world.thread(public_id)[-1].text == "Please stop writing to me."


def test_replies_to_a_paused_sender_are_read(site, account, sender):
    sender.state = "paused"
    sender.save()
    site.world.hear(somebody(site.world, "friend"), "Are you still there?")
    polling.work()
    drain("default")
    assert Message.objects.get(direction="in").body == "Are you still there?"


def test_somebody_who_did_not_answer_is_not_written_to_and_not_invited_twice(site, sender, account, message_to):
    public_id = somebody(site.world, "declines")
    send_first = message_to(public_id)
    send()
    waiting = message_to(public_id, body="A second text.")
    send()
    assert state_of(waiting) == "deferred" and waiting.error_code == "invitation_pending"
    site.world.advance(timedelta(hours=4))
    due(sender, account)
    polling.work()
    drain("default")
    assert relation(send_first.lead_id) == "withdrawn"
    again = message_to(public_id, body="And another one.")
    send()
    assert state_of(again) == "failed" and again.error_code == "invitation_declined"
    assert len(site.world.invitations) == 1


def test_a_note_that_is_too_long_is_not_sent(site, message_to):
    message = message_to(somebody(site.world, "warm"), body="Long. " * 60)
    send()
    assert state_of(message) == "failed" and message.error_code == "note_too_long"
    assert not site.world.invitations


def test_a_challenge_pauses_the_sender_with_its_reason(site, account, sender, message_to):
    services.sign_in(account=account)
    message = message_to(somebody(site.world, "warm"))
    site.world.options.is_challenging = True
    send()
    sender.refresh_from_db()
    account.refresh_from_db()
    assert (sender.state, account.state) == ("paused", "stopped")
    assert "asks for proof of a person" in sender.state_reason
    assert state_of(message) == "scheduled"
    visits = site.world.visits.total()
    send()
    assert polling.work() == 0
    assert site.world.visits.total() == visits


def test_a_stopped_account_pauses_every_sender_that_borrows_it(site, account, sender):
    other = make_sender(channel="network", adapter="network", address="", settings={"account": account.name})
    site.world.options.is_challenging = True
    with pytest.raises(services.Trouble):
        services.search(account=account, keywords="x")
    drain("default")
    for row in (sender, other):
        row.refresh_from_db()
        assert row.state == "paused"


def test_the_sites_weekly_limit_holds_everything_and_costs_no_attempt(site, account, sender, message_to):
    site.world.options.invitations_a_week = 0
    message = message_to(somebody(site.world, "warm"))
    send()
    assert state_of(message) == "deferred" and message.error_code == "network_limit"
    account.refresh_from_db()
    assert account.limited_until and message.attempts == 0
    assert message.scheduled_at > sender.created_at + timedelta(days=2)


def test_our_own_daily_cap_of_invitations_holds(site, add_account, lead_of, message_to, sender):
    NetworkAccount.objects.update(invitations_a_day=1)
    first, second = message_to(somebody(site.world, "warm")), message_to(somebody(site.world, "warm", 1))
    send()
    assert sorted([state_of(first), state_of(second)]) == ["deferred", "sent"]
    assert len(site.world.invitations) == 1


@pytest.mark.parametrize("character", ["warm", "friend"])
def test_a_browser_that_is_killed_in_mid_click_leaves_an_unknown_that_is_found(
    site, account, sender, message_to, character
):
    services.sign_in(account=account)
    message = message_to(somebody(site.world, character))

    def kill(kind):
        site.world.options.before_answer = None
        for process in psutil.Process().children(recursive=True):
            if "chrom" in process.name().lower():
                process.kill()

    site.world.options.before_answer = kill
    send()
    assert state_of(message) == "unknown", message.error
    sent = len(site.world.invitations) + len(site.world.said)
    assert sent == 1
    assert reconciling.look(message)
    assert state_of(message) == "sent" and message.provider_id
    assert len(site.world.invitations) + len(site.world.said) == 1
    drain("default")
    assert relation(message.lead_id) == ("pending" if character == "warm" else "connected")


@pytest.mark.parametrize("character", ["warm", "friend"])
def test_a_connection_that_closes_without_an_answer_is_not_tried_again_by_the_browser(site, message_to, character):
    message = message_to(somebody(site.world, character))

    def cut(kind):
        raise ConnectionAbortedError

    site.world.options.before_answer = cut
    send()
    assert state_of(message) == "unknown"
    assert len(site.world.invitations) + len(site.world.said) == 1


def test_what_certainly_never_arrived_goes_again(site, account, sender, message_to):
    services.sign_in(account=account)
    message = message_to(somebody(site.world, "warm"))

    def forget(kind):
        site.world.options.before_answer = None
        site.world.invitations.clear()
        raise ConnectionAbortedError

    site.world.options.before_answer = forget
    send()
    assert state_of(message) == "unknown"
    reconciling.look(message)
    assert state_of(message) == "scheduled"
    send()
    assert state_of(message) == "sent" and len(site.world.invitations) == 1


def test_an_invitation_is_withdrawn_by_hand(site, account, sender, message_to):
    message = message_to(somebody(site.world, "ignores"))
    send()
    relations.withdraw(row=Relation.objects.get(), actor=ACTOR)
    assert site.world.invitations[0].state == "withdrawn"
    assert relation(message.lead_id) == "withdrawn"


def test_an_invitation_that_nobody_answers_is_given_up(site, account, sender, message_to):
    message = message_to(somebody(site.world, "ignores"))
    send()
    row = Relation.objects.get()
    Relation.objects.update(invited_at=row.invited_at - timedelta(days=61))
    due(sender, account)
    polling.work()
    assert relation(message.lead_id) == "ignored"
    assert NetworkProfile.objects.get(lead=message.lead).state == "failed"
