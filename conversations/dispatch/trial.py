"""A real test message to the operator's own address: the last step of verifying a sender, through the same gate.

It is an ordinary row of the outbox with its own rule. The gate lets it pass from a sender that is not verified yet
and outside the sender's hours; opt-outs, sandbox and everything else stand as for any message.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction
from django.db.models import Q

from conversations.channels import registry
from conversations.consent import confirmations
from conversations.dispatch import sending
from conversations.models import TEST_RULE, Conversation, Message
from conversations.outbox import moment, quotas, states
from conversations.outbox import services as outbox
from conversations.outbox.models import Stream
from conversations.planning import services as planning
from conversations.planning.plans import MessagePlan
from conversations.senders.models import Sender
from conversations.senders.services import account
from outreach.core.addresses import EMAIL
from outreach.core.errors import Permanent, Retryable
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.limits import services as limits
from outreach.limits.windows import Limits

STREAM_NAME = "Tests of senders"


@dataclass(frozen=True)
class Words:
    """What a test says when it is the test of a text, complete as it would leave."""

    subject: str
    body: str
    language: str = ""


def trial_stream() -> Stream:
    """The stream of test messages: always active, without window or cap."""
    stream, _created = Stream.objects.get_or_create(
        name=STREAM_NAME, defaults={"state": "active", "priority": 100, "is_stopped_by_reply": False}
    )
    return stream


def send_test(*, sender: Sender, address: str, actor: Actor, words: Words | None = None) -> Message:
    """Send one test message from `sender` to `address` now, with `words` or its own. Raises `Permanent` or `Retryable` when it did not leave.

    `Invalid` and `Refused` as for any message: a bad or suppressed address. Not for use inside a transaction.
    """
    message = _plan(sender, address, words or _own_words(sender))
    if not _claim(message):
        raise Retryable(_("The test message is already being sent."), code="test_in_flight")
    adapter = registry.adapter(sender.adapter)
    sending.deliver(
        Message.objects.select_related("stream", "sender", "lead").get(pk=message.pk), adapter, account(sender)
    )
    message.refresh_from_db()
    if message.has_left:
        return message
    reason = message.error or _("the test message was not sent")
    outbox.cancel_where(Q(pk=message.pk), actor=actor, reason=_("The test failed: %(reason)s") % {"reason": reason})
    if message.is_unknown:
        raise Retryable(reason, code="test_unclear")
    raise Permanent(reason, code="test_failed")


@transaction.atomic
def _plan(sender: Sender, address: str, words: Words) -> Message:
    contact = address.strip().lower() if sender.channel == EMAIL else address.strip()
    conversation = Conversation.objects.filter(contact=contact, lead=None).first()
    return planning.plan_message(
        MessagePlan(
            conversation=conversation or Conversation.objects.create(contact=contact),
            sender=sender,
            channel=sender.channel,
            address=address,
            subject=words.subject if sender.channel == EMAIL else "",
            body=words.body,
            language=words.language,
            stream=trial_stream(),
            scheduled_at=moment.now(),
            approval_rule=TEST_RULE,
            attributes={confirmations.SERVICE: "test"},
            priority=100,
            is_stopped_by_reply=False,
        )
    )


def _own_words(sender: Sender) -> Words:
    named = {"sender": sender.name}
    return Words(
        subject=_("Test of %(sender)s") % named,
        body=_("This is a test message from “%(sender)s”. It passed the same checks as a real message.") % named,
    )


@transaction.atomic
def _claim(message: Message) -> bool:
    """Claim this one message and count it for the sender."""
    now = moment.now()
    is_mine = states.move(
        Message.objects.filter(pk=message.pk),
        "claimed",
        sources=("scheduled",),
        claim_token=uuid4(),
        claimed_at=now,
        updated_at=now,
    )
    if is_mine:
        limits.take(quotas.sender_key(message.sender_id or 0), 1, Limits(), now)
    return bool(is_mine)
