"""Blanks the conversation of an erased person. States, times and keyed digests stay."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Q

from conversations.booking.models import Booking
from conversations.consent.models import ConsentEntry, Hold, Suppression
from conversations.files.services import forget_received
from conversations.inbound.models import InboundEvent
from conversations.memory.models import Memory
from conversations.models import Conversation, Message, MessageEvent
from conversations.network.models import Relation
from conversations.outbox import copies
from conversations.outbox.services import cancel_where
from conversations.replies.models import Listing, Pace, Reading, Suggestion
from conversations.tracking.models import TrackedLink
from outreach.core.audit import forget_reasons
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _
from outreach.events.models import Event
from outreach.llm import keeping as llm

ACTOR = Actor.system("erasure")
KEPT_FACTS = [
    "at_handover", "attempt", "by", "check", "class", "clicks", "code", "for", "from", "hash", "is_hard", "kind", "machine",
    "opens", "segments", "settled_by", "settles", "source", "status",
]  # fmt: skip
"""What stays of the data of an event: codes and numbers that reports count, no text and no address."""
KEPT_ATTRIBUTES = ["answers", "kind", "opt_out_type", "service"]
"""What stays of a message's attributes: numbers and kinds."""


def on_lead_erased(event: Event) -> None:
    """`lead.erased`: cancel planned messages, blank messages and notes."""
    lead_id, digests = event.payload["lead_id"], str(event.payload.get("digests") or "").split()
    said = Q(lead=lead_id) | Q(conversation__lead=lead_id)
    if digests:
        said |= Q(address_digest__in=digests)
    ids = list(Message.objects.filter(said).values_list("pk", flat=True))
    talks = list(
        Conversation.objects.filter(Q(lead=lead_id) | Q(lead=None, messages__in=ids))
        .distinct()
        .values_list("pk", flat=True)
    )
    suppressions = _forget_consent(lead_id, ids, digests)
    remembered = list(Memory.objects.filter(conversation__in=talks).values_list("pk", flat=True))
    for model, rows in ((Message, ids), (Conversation, talks), (Suppression, suppressions), (Memory, remembered)):
        forget_reasons(model, rows)
    cancel_where(Q(pk__in=ids, direction="out"), actor=ACTOR, reason=_("The recipient was erased."), check="not_erased")
    _forget_models(ids, talks)
    forget_received(ids)
    texts = dict.fromkeys(("address", "subject", "body", "body_html", "enclosures", "copies", "error"), "")
    Message.objects.filter(pk__in=ids).update(**texts)
    _forget_copies(digests)
    _keep_only(Message, "attributes", KEPT_ATTRIBUTES, "id", ids)
    _keep_only(MessageEvent, "data", KEPT_FACTS, "message_id", ids)
    TrackedLink.objects.filter(message__in=ids).update(url="")
    InboundEvent.objects.filter(message__in=ids).update(fields={}, body=b"", error="")
    Reading.objects.filter(message__in=ids).update(reasons=[], facts={})
    Suggestion.objects.filter(conversation__in=talks).update(
        **dict.fromkeys(("subject", "body", "edit", "refused", "note", "redraft"), "")
    )
    Conversation.objects.filter(pk__in=talks).update(contact="", snooze_reason="")
    Listing.objects.filter(conversation__in=talks).delete()
    Pace.objects.filter(conversation__in=talks).delete()
    Memory.objects.filter(conversation__in=talks).delete()
    Booking.objects.filter(conversation__in=talks).update(name="", address="", title="", reason="")
    Relation.objects.filter(lead=lead_id).update(address="", next_check_at=None)


def _forget_copies(digests: list[str]) -> None:
    """Messages to others of which this person got a copy: nobody else is in copy any more, either, as evidence goes."""
    rows = Message.objects.exclude(copies="").values_list("pk", "copies") if digests else ()
    found = [pk for pk, text in rows if any(address_digest(other) in digests for other in copies.decode(text).all)]
    cancel_where(Q(pk__in=found), actor=ACTOR, reason=_("The recipient was erased."), check="not_erased")
    Message.objects.filter(pk__in=found).update(copies="")


def _forget_consent(lead_id: int, message_ids: list[int], digests: list[str]) -> list[int]:
    """Blank addresses and evidence; the keyed digests keep the opt-out in force. The suppressions that it concerns."""
    ConsentEntry.objects.filter(lead=lead_id).update(evidence="", text_shown="")
    Hold.objects.filter(Q(message__in=message_ids) | Q(conversation__lead=lead_id)).update(evidence="")
    about = Q(lead=lead_id) | Q(message__in=message_ids)
    if digests:
        about |= Q(address_digest__in=digests)
    found = list(Suppression.objects.filter(about).values_list("pk", flat=True))
    Suppression.objects.filter(pk__in=found).update(address="", evidence="")
    return found


def _forget_models(ids: list[int], talks: list[int]) -> None:
    asked: set[Any] = set()
    for rows in (
        Message.objects.filter(pk__in=ids),
        Reading.objects.filter(message__in=ids),
        Suggestion.objects.filter(conversation__in=talks),
        Memory.objects.filter(conversation__in=talks),
    ):
        asked |= set(rows.exclude(interaction=None).values_list("interaction", flat=True))
    llm.forget(interaction_ids=asked)


def _keep_only(model: type[Message | MessageEvent], column: str, names: list[str], key: str, ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {model._meta.db_table} SET {column} = coalesce((
                SELECT jsonb_object_agg(key, value) FROM jsonb_each({column}) WHERE key = ANY(%s)), '{{}}'::jsonb)
            WHERE {key} = ANY(%s)
            """,  # noqa: S608
            [names, ids],
        )
