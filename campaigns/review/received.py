"""A draft as its recipient will read it, built by the code that sends it; what a person changed; a test to oneself."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from campaigns.drafts.models import Draft, DraftQuerySet
from campaigns.drafts.services import full_rows
from campaigns.steps.files import enclosures_of
from campaigns.steps.senders import sender_of
from conversations.channels.email import html
from conversations.dispatch import footers, trial
from conversations.models import Conversation, Message
from conversations.planning import first_text
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.access.models import User
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.sms_segments import segment
from outreach.core.words import gettext as _

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Letter:
    """What arrives. `html` is escaped by the code that writes the HTML of mails; SMS have none."""

    channel: str
    sender: str
    address: str
    to: str
    subject: str
    html: str
    text: str
    characters: int
    segments: tuple[int, ...]
    encoding: str
    files: list[str]


@dataclass(frozen=True)
class Change:
    """A stretch of text: kept, added or left out."""

    text: str
    kind: str = ""


def rows() -> DraftQuerySet:
    return full_rows()


def letter(draft: Draft) -> Letter:
    """With signature, footer and the line to unsubscribe, as the outbox will send it."""
    step, candidate = draft.step, draft.candidate
    sender = sender_of(candidate, step)
    message = _message(draft, sender)
    is_sms = step.channel == Channel.SMS
    if is_sms:
        body = _first_text(draft, sender)
    else:
        body, _html = footers.with_footer(message)
    parts = segment(body)
    return Letter(
        channel=step.channel,
        sender=sender.display_name or sender.name,
        address=sender.address,
        to=message.address,
        subject=draft.subject,
        html="" if is_sms else html.of_text(body),
        text=body,
        characters=len(body),
        segments=parts.parts if is_sms else (),
        encoding=parts.encoding if is_sms else "",
        files=[file.name for file in enclosures_of(step)],
    )


def _message(draft: Draft, sender: Sender) -> Message:
    """The row as planning would write it, not saved; its number stands in the link to unsubscribe."""
    candidate, step = draft.candidate, draft.step
    return Message(
        pk=0,
        channel=step.channel,
        sender=sender,
        address=candidate.lead.address(step.channel),
        subject=draft.subject,
        body=draft.body,
        language=draft.language,
        stream=candidate.campaign.stream,
    )


def _first_text(draft: Draft, sender: Sender) -> str:
    """With what a first text message has to say; as it is where the policy refuses an incomplete one."""
    conversation = Conversation.objects.filter(lead=draft.candidate.lead_id).first() or Conversation(pk=0)
    try:
        return first_text.complete(conversation=conversation, sender=sender, body=draft.body, language=draft.language)
    except Invalid:
        return draft.body


def changes(draft: Draft) -> list[Change]:
    """The text against the one that was written first."""
    return difference(
        f"{draft.generated_subject}\n\n{draft.generated_body}".strip(), f"{draft.subject}\n\n{draft.body}".strip()
    )


def difference(before: str, after: str) -> list[Change]:
    """What was added and left out, word by word; one piece when nothing was changed."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    found = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Change("".join(old[a:b])))
            continue
        if b > a:
            found.append(Change("".join(old[a:b]), "del"))
        if d > c:
            found.append(Change("".join(new[c:d]), "add"))
    return found


def send_test(draft: Draft, *, user: User) -> str:
    """Send it to the user's own address, marked as a test; a sentence. Raises `Refused` without an address.

    `Permanent` or `Retryable` when it did not leave. It goes through the gate like any message and counts for nobody.
    """
    step = draft.step
    if step.channel != Channel.EMAIL:
        raise Refused(_("Only e-mails can be sent to yourself as a test."))
    if not user.email:
        raise Refused(_("Your profile has no e-mail address. Add one, then send the test."))
    sender = sender_of(draft.candidate, step)
    body, _html = footers.with_footer(_message(draft, sender))
    words = trial.Words(
        subject=_("[Test] %(subject)s") % {"subject": draft.subject}, body=body, language=draft.language
    )
    message = trial.send_test(sender=sender, address=user.email, actor=Actor.of(user), words=words)
    return _("A test was sent to %(address)s.") % {"address": message.address}
