"""Badges of the timeline."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations.files.enclosures import Enclosure, decode
from conversations.inbox.selectors import event_label
from conversations.models import Message, MessageEvent
from conversations.outbox.copies import Copies
from conversations.outbox.copies import decode as decode_copies
from conversations.replies.models import Reading
from outreach.core.templatetags.outreach import badge

register = template.Library()


@register.simple_tag
def event_badge(event: MessageEvent) -> SafeString:
    """What happened to a message, as a badge."""
    label, colour = event_label(event)
    return badge(label, colour)


@register.filter
def reading_source(reading: Reading) -> str:
    """Who understood a reply so."""
    return {
        "keyword": _("by keyword"),
        "rules": _("by rules"),
        "model": _("by the model"),
        "person": _("by a person"),
    }.get(reading.source, reading.source)


@register.filter
def copies(message: Message) -> Copies:
    """Who else got a message of ours."""
    return decode_copies(message.copies)


@register.filter
def enclosed(message: Message) -> list[Enclosure]:
    """The files that went with a message."""
    return decode(message.enclosures)
