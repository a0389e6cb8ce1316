"""What follows from START and HELP by text message, under the conversation's lock."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings

from conversations.consent import confirmations
from conversations.consent.keywords import HELP, START
from conversations.consent.services import lift_keyword
from conversations.models import CONVERSATION, Conversation, Message
from conversations.planning import first_text
from conversations.planning.plans import MessagePlan
from conversations.planning.replying import PRIORITY, reply_stream
from conversations.planning.services import plan_message
from leads.models import Channel
from outreach.core import clock
from outreach.core.errors import OutreachError
from outreach.core.language import detect
from outreach.core.models import Actor
from outreach.core.words import gettext as _

logger = structlog.get_logger(__name__)

ACTOR = Actor("lead", "text message")
HELP_AGAIN_AFTER = timedelta(hours=24)
"""Two machines that answer each other's HELP stop after one answer."""


def apply(word: str, message: Message, conversation: Conversation) -> None:
    """Handle the keyword. Neither counts as a reply: no follow-up is cancelled and no answer is due."""
    if word == START:
        start(message, conversation)
    elif word == HELP and not message.attributes.get("opt_out_type"):  # else the carrier answered
        answer_help(message, conversation)


def start(message: Message, conversation: Conversation) -> None:
    """Reverse an opt-out made by a keyword, and no other: not by a link, a complaint, a sentence or a person."""
    lifted = lift_keyword(
        lead=conversation.lead,
        address=message.address,
        actor=ACTOR,
        evidence=_("“%(words)s” (message %(number)s)") % {"words": message.body[:40], "number": message.pk},
    )
    if lifted and conversation.has_opted_out:
        CONVERSATION.move(conversation, "closed", actor=ACTOR, reason=message.body[:40])
        CONVERSATION.move(conversation, "engaged", actor=ACTOR, reason=message.body[:40])


def answer_help(message: Message, conversation: Conversation) -> None:
    """The program's text, once a day, through the outbox and its gate like everything else."""
    if message.sender is None or _answered_lately(conversation):
        return
    language = "ru" if detect(message.body) in {"ru", "uk"} else "en"
    text = confirmations.help_text(
        program=first_text.program(message.sender), language=language, given=settings.OUTREACH.company.sms_help
    )
    try:
        plan_message(
            MessagePlan(
                conversation=conversation,
                sender=message.sender,
                channel=Channel.SMS,
                address=message.address,
                body=text,
                stream=reply_stream(),
                scheduled_at=clock.now(),
                approval_rule=confirmations.HELP_RULE,
                attributes={confirmations.SERVICE: confirmations.HELP},
                is_stopped_by_reply=False,
                priority=PRIORITY,
                language=language,
            )
        )
    except OutreachError as error:  # opted out, or a short code that takes no answer
        logger.info("inbound.no_help", message=message.pk, reason=error.reason)


def _answered_lately(conversation: Conversation) -> bool:
    return Message.objects.filter(
        conversation=conversation,
        direction=Message.Direction.OUT,
        approval_rule=confirmations.HELP_RULE,
        created_at__gt=clock.now() - HELP_AGAIN_AFTER,
    ).exists()
