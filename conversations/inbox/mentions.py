"""Colleagues named in a note: `@ann`."""

from __future__ import annotations

import re

from conversations.inbox.models import Mention
from conversations.models import Message
from outreach.access.models import User
from outreach.events.services import publish

_NAME = re.compile(r"(?<![\w@.])@([\w+-]+(?:[.@][\w+-]+)*)")
MAX_MENTIONS = 20


def named_in(text: str) -> list[User]:
    """The active users whom `text` names by their login name, in any case, once each."""
    names = list(dict.fromkeys(name.casefold() for name in _NAME.findall(text)))[:MAX_MENTIONS]
    if not names:
        return []
    found = {
        user.username.casefold(): user for user in User.objects.filter(is_active=True, username__iregex=_any(names))
    }
    return [found[name] for name in names if name in found]


def _any(names: list[str]) -> str:
    return rf"^({'|'.join(map(re.escape, names))})$"


def mention(note: Message) -> list[User]:
    """Keep and announce whom a note names, in the caller's transaction. Nobody is told of their own words."""
    people = [user for user in named_in(note.body) if user.pk != note.author_id]
    Mention.objects.bulk_create(
        [Mention(conversation_id=note.conversation_id, note=note, user=user) for user in people], ignore_conflicts=True
    )
    for user in people:
        publish(
            "conversation.mentioned",
            conversation_id=note.conversation_id,
            message_id=note.pk,
            lead_id=note.lead_id,
            user_id=user.pk,
            by_user_id=note.author_id,
        )
    return people
