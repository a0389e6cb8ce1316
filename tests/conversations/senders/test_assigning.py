"""Rotation that sticks, pools by tag, and moving what was planned for people who never heard of the sender."""

from collections import Counter

import pytest

from conversations.dispatch import claiming, gate
from conversations.models import Message
from conversations.outbox.content import COLUMNS, content_hash
from conversations.senders import assigning, services
from conversations.senders.models import Sender
from outreach.core.errors import Invalid, Refused
from tests.conversations.factories import ACTOR, make_conversation, make_lead, make_message, make_sender, make_stream

pytestmark = pytest.mark.django_db


def is_approved(message):
    return message.approved_hash == content_hash(**{column: getattr(message, column) for column in COLUMNS})


class TestRotation:
    def test_a_pool_is_who_carries_the_tag_on_the_channel(self):
        first = make_sender(tags=["sales", "de"])
        make_sender(tags=["support"])
        make_sender(channel="sms", tags=["sales"])
        assert assigning.pool(tag="sales", channel="email") == [first]
        assert assigning.tags() == ["de", "sales", "support"]

    def test_new_leads_are_shared_by_what_each_sender_may_still_send(self):
        small, large = make_sender(daily_cap=10), make_sender(daily_cap=90)
        leads = [make_lead() for _ in range(200)]
        chosen = assigning.choose_senders(leads=leads, pool=[small, large], channel="email")
        counts = Counter(sender.pk for sender in chosen.values())
        assert 5 <= counts[small.pk] <= 40
        assert assigning.choose_sender(lead=leads[0], pool=[large, small], channel="email") == chosen[leads[0].pk]

    @pytest.mark.parametrize("state", ["active", "paused", "draining", "unverified"])
    def test_a_lead_stays_with_the_sender_that_wrote_to_it(self, state):
        known, _fresh = make_sender(), make_sender(daily_cap=1_000_000)
        lead = make_lead()
        message = make_message(sender=known, conversation=make_conversation(lead))
        Message.objects.filter(pk=message.pk).update(state="sent")
        Sender.objects.filter(pk=known.pk).update(state=state)
        pool = list(Sender.objects.all())
        assert assigning.choose_sender(lead=lead, pool=pool, channel="email") == known

    def test_only_active_senders_take_new_leads(self):
        make_sender(state="paused")
        draining = make_sender(state="draining")
        with pytest.raises(Refused) as error:
            assigning.choose_sender(lead=make_lead(), pool=[draining], channel="email")
        assert error.value.code == "no_sender"

    def test_many_leads_take_a_few_queries(self, django_assert_num_queries):
        pool = [make_sender() for _ in range(3)]
        leads = [make_lead() for _ in range(50)]
        with django_assert_num_queries(2):
            assigning.choose_senders(leads=leads, pool=pool, channel="email")


class TestRehoming:
    def test_what_was_planned_for_strangers_moves_and_stays_approved(self):
        old, new = make_sender(), make_sender()
        message = make_message(sender=old)
        before = message.rfc_message_id
        result = assigning.rehome(sender=old, to=[new], actor=ACTOR, reason="Leaving")
        message.refresh_from_db()
        assert (result.moved, result.kept, result.to_review) == (1, 0, 0)
        assert message.sender == new
        assert is_approved(message)
        assert message.rfc_message_id != before
        [claimed] = claiming.claim(new, 5)
        assert gate.pass_gate(claimed)

    @pytest.mark.parametrize("state", ["sent", "bounced", "unknown", "sending", "replied"])
    def test_a_lead_that_got_something_or_may_have_stays(self, state):
        old, new, lead = make_sender(), make_sender(), make_lead()
        first = make_message(sender=old, conversation=make_conversation(lead))
        Message.objects.filter(pk=first.pk).update(state=state) if state != "sending" else None
        if state == "sending":
            [claimed] = claiming.claim(old, 1)
            assert gate.pass_gate(claimed)
        second = make_message(sender=old, conversation=make_conversation(lead))
        result = assigning.rehome(sender=old, to=[new], actor=ACTOR, reason="Leaving")
        second.refresh_from_db()
        assert (result.moved, result.kept) == (0, 1)
        assert second.sender == old

    def test_all_messages_of_a_stranger_go_to_the_same_sender(self):
        old, lead = make_sender(), make_lead()
        targets = [make_sender() for _ in range(4)]
        stream = make_stream()
        rows = [make_message(sender=old, conversation=make_conversation(lead), stream=stream) for _ in range(3)]
        assigning.rehome(sender=old, to=targets, actor=ACTOR, reason="Leaving")
        assert len({Message.objects.get(pk=row.pk).sender_id for row in rows}) == 1

    def test_a_text_that_names_the_old_sender_is_read_again_first(self):
        old, new = make_sender(display_name="Rita Vogel"), make_sender(display_name="Max Stein")
        message = make_message(sender=old, body="Hello, I am Rita and …")
        result = assigning.rehome(sender=old, to=[new], actor=ACTOR, reason="Leaving")
        message.refresh_from_db()
        assert result.to_review == 1
        assert (message.state, message.approved_hash) == ("skipped", "")
        assert "approve" in message.error

    def test_what_nobody_approved_is_not_approved_by_moving(self):
        old, new = make_sender(), make_sender()
        message = make_message(sender=old, approval_rule="")
        assigning.rehome(sender=old, to=[new], actor=ACTOR, reason="Leaving")
        message.refresh_from_db()
        assert message.sender == new
        assert not is_approved(message)

    @pytest.mark.parametrize(
        "fields", [{"channel": "sms"}, {"state": "paused"}, {"adapter": "sandbox"}, {"state": "draining"}]
    )
    def test_only_active_senders_of_the_channel_take_over(self, fields):
        old = make_sender()
        make_message(sender=old)
        with pytest.raises(Invalid):
            assigning.rehome(sender=old, to=[make_sender(**fields), old], actor=ACTOR, reason="Leaving")


class TestDeleting:
    def test_a_sender_that_never_wrote_is_gone(self):
        sender = make_sender()
        assert "was deleted" in services.delete_sender(sender=sender, actor=ACTOR, reason="Typo")
        assert not Sender.objects.exists()

    def test_deleted_in_mid_campaign_it_stops_forgets_its_secrets_and_gives_strangers_to_others(self):
        old, new, lead = make_sender(), make_sender(), make_lead()
        old.set_credentials({"password": "secret"})
        old.save()
        sent = make_message(sender=old, conversation=make_conversation(lead))
        Message.objects.filter(pk=sent.pk).update(state="sent")
        follow_up = make_message(sender=old, conversation=make_conversation(lead))
        fresh = make_message(sender=old)
        services.delete_sender(sender=old, actor=ACTOR, reason="Closed", to=[new])
        old.refresh_from_db()
        assert (old.state, old.credentials_token, old.verified_at) == ("stopped", "", None)
        assert "1 message is still planned" in old.state_reason
        assert Message.objects.get(pk=fresh.pk).sender == new
        assert Message.objects.get(pk=follow_up.pk).sender == old
        assert claiming.claim(old, 5) == []
