"""The first text message to a person names us and says how to opt out; otherwise it is completed or refused."""

from __future__ import annotations

import re

from django.conf import settings

from conversations.consent import confirmations
from conversations.models import Conversation, Message
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

_OPT_OUT_WORDS = re.compile(r"\b(stop|unsubscribe|opt[ -]?out)\b|стоп|отпис|отказ", re.IGNORECASE)


def program(sender: Sender) -> str:
    """The name under which texts go out: the operator's, the company's, the sender's."""
    company = settings.OUTREACH.company
    return str(company.sms_program or company.name or sender.display_name or sender.name)


def complete(*, conversation: Conversation, sender: Sender, body: str, language: str) -> str:
    """`body` as it may be the first text message of `conversation`; unchanged when it is not the first.

    Raises `Invalid` when something is missing and the policy `delivery.first_sms` is to refuse.
    """
    if _is_known(conversation):
        return body
    name = program(sender)
    has_name = name.casefold() in body.casefold()
    if has_name and _OPT_OUT_WORDS.search(body):
        return body
    if settings.OUTREACH.delivery.first_sms == "refuse":
        raise Invalid(
            "body",
            _("A first text message must name “%(program)s” and say how to opt out, such as “Reply STOP to opt out”.")
            % {"program": name},
            code="first_text_incomplete",
        )
    footer = confirmations.footer(program=name, language=language)
    return f"{body.rstrip()}\n{footer.removeprefix(f'{name}. ') if has_name else footer}"


def _is_known(conversation: Conversation) -> bool:
    """Whether text messages were exchanged before: one sent, or one received."""
    texts = Message.objects.filter(conversation=conversation, channel=Channel.SMS)
    return (
        texts.filter(direction=Message.Direction.IN).exists()
        or texts.filter(direction=Message.Direction.OUT, sent_at__isnull=False).exists()
    )
