"""Outcomes of candidates: written from messages, replies and people, each fact once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from campaigns.models import CANDIDATE, Candidate, Outcome
from conversations.models import MESSAGE, Message
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

CLASSES = {
    "positive": Outcome.Kind.POSITIVE,
    "booking": Outcome.Kind.POSITIVE,
    "question": Outcome.Kind.INFORMATION,
    "referral": Outcome.Kind.INFORMATION,
    "negative": Outcome.Kind.NEGATIVE,
    "not_now": Outcome.Kind.NEGATIVE,
    "opt_out": Outcome.Kind.NEGATIVE,
}
"""Intent of a reply → class of the reports. An intent that is missing here has no class."""
BY_HAND = (Outcome.Kind.BOOKED, Outcome.Kind.HELD, Outcome.Kind.WON, Outcome.Kind.LOST)
"""Kinds that a person may record."""
NOT_HUMAN = ("auto_reply", "out_of_office", "bounce", "complaint")
"""Intents that are no answer of a person: the sequence's own rules deal with them."""


def record(
    *,
    candidate: Candidate,
    kind: str,
    occurred_at: datetime,
    message: Message | None = None,
    value: Decimal | None = None,
) -> bool:
    """Write one fact; False when it is already known."""
    _row, is_new = Outcome.objects.get_or_create(
        candidate=candidate, kind=kind, message=message, defaults={"occurred_at": occurred_at, "value": value}
    )
    return is_new


def record_by_hand(
    *, candidate: Candidate, kind: str, user: User, value: Decimal | None = None, reason: str = ""
) -> Outcome:
    """A person's fact: won (with a value), lost, booked, or a call held. Raises `Invalid` for other kinds."""
    if kind not in BY_HAND:
        raise Invalid(
            "kind", _("Only booked, held, won and lost can be recorded manually; the rest follows from messages.")
        )
    stage = "lost" if kind == Outcome.Kind.LOST else "won"
    with transaction.atomic():
        row, _is_new = Outcome.objects.update_or_create(
            candidate=candidate,
            kind=kind,
            message=last_sent(candidate),
            defaults={"occurred_at": clock.now(), "value": value},
        )
        if candidate.stage != stage:
            CANDIDATE.move(candidate, stage, actor=Actor.of(user), reason=reason, changes={"stage_reason": reason})
    return row


def last_sent(candidate: Candidate) -> Message | None:
    """The message of ours that left to the candidate last: what happens now came of it."""
    return Message.objects.filter(draft__candidate=candidate, sent_at__isnull=False).order_by("-sent_at", "-pk").first()


def advance_stage(candidate: Candidate, to: str, *, actor: Actor, reason: str = "") -> bool:
    """Move a candidate if its state allows it; False when it does not or someone else was first.

    Without a new `reason` the old one stays readable.
    """
    for _attempt in range(3):
        if candidate.stage == to or not CANDIDATE.allows(candidate.stage, to):
            return False
        try:
            CANDIDATE.move(
                candidate, to, actor=actor, reason=reason, changes={"stage_reason": reason} if reason else None
            )
        except Refused:
            candidate.refresh_from_db()
            continue
        return True
    return False


def class_reply(*, candidate: Candidate, message: Message | None, intent: str, occurred_at: datetime) -> None:
    """A person's reply and its class. A later, corrected reading replaces the class of the same message."""
    record(candidate=candidate, kind=Outcome.Kind.REPLIED, occurred_at=occurred_at, message=message)
    kind = CLASSES.get(intent)
    wrong = set(CLASSES.values()) - {kind}
    Outcome.objects.filter(candidate=candidate, message=message, kind__in=wrong).delete()
    if kind:
        record(candidate=candidate, kind=kind, occurred_at=occurred_at, message=message)


def answered_message(reply: Message) -> Message | None:
    """The campaign message that `reply` answers: by its thread, else the last that left before it came."""
    ours = Message.objects.filter(conversation_id=reply.conversation_id, direction="out", draft__isnull=False)
    if reply.follows_id and (named := ours.filter(pk=reply.follows_id).first()):
        return named
    if reply.in_reply_to and (named := ours.filter(rfc_message_id=reply.in_reply_to.strip("<> ")).first()):
        return named
    left = ours.filter(state__in=MESSAGE.may_have_left, sent_at__isnull=False)
    at = reply.received_at or reply.created_at
    return left.filter(sent_at__lte=at).order_by("-sent_at").first() or left.order_by("-sent_at").first()


def candidate_of(message: Message) -> Candidate | None:
    """The candidate that an outgoing message was drafted for; None for messages of no campaign."""
    return (
        Candidate.objects.select_related("campaign__stream", "campaign__playbook")
        .filter(drafts__message=message)
        .first()
    )
