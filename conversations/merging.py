"""Follows a merge of two leads: joins their conversations. Moves are recorded on the merge and undone with it.

Opting out wins: a person's own word about either of the two covers both, and stays when the merge is undone.
"""

from __future__ import annotations

from typing import Any

from conversations.booking.models import Booking
from conversations.consent.models import ConsentEntry, Hold, Suppression
from conversations.consent.services import LEAD_WIDE, Target, suppress
from conversations.memory.models import Memory
from conversations.models import CONVERSATION, Conversation, Message
from conversations.replies import listing
from conversations.replies.models import Suggestion
from leads.duplicates.models import Merge
from leads.models import Lead
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.models import Event

ACTOR = Actor.system("merge")
WING = "conversations"
_TIMES = ("waiting_since", "last_inbound_at", "last_outbound_at")
_STRENGTH = ("new", "dormant", "closed", "engaged", "booked", "opted_out")


def _merge_of(event: Event) -> Merge | None:
    return Merge.objects.select_for_update().filter(pk=event.payload["merge_id"]).first()


def on_lead_merged(event: Event) -> None:
    """Messages, conversation, consent and opt-outs of the lost lead move to the kept one."""
    merge = _merge_of(event)
    if merge is None or merge.undone_at or WING in merge.effects:
        return
    kept = Lead.objects.get(pk=merge.kept_id)
    effects: dict[str, Any] = {}
    messages = Message.objects.filter(lead=merge.lost_id)
    effects["messages"] = list(messages.values_list("pk", flat=True))
    messages.update(lead=kept)
    entries = ConsentEntry.objects.filter(lead=merge.lost_id)
    effects["consent"] = list(entries.values_list("pk", flat=True))
    entries.update(lead=kept)
    effects |= _join(kept.pk, merge.lost_id)
    merge.effects = {**merge.effects, WING: effects}
    merge.save(update_fields=["effects", "updated_at"])
    said = Suppression.objects.filter(lead__in=[merge.kept_id, merge.lost_id], reason__in=LEAD_WIDE, lifted_at=None)
    for reason in sorted(set(said.values_list("reason", flat=True))):
        suppress(
            Target(lead=kept),
            reason=reason,
            actor=ACTOR,
            evidence=_("Merged with lead %(number)s") % {"number": merge.lost_id},
        )


def _join(kept_id: int, lost_id: int) -> dict[str, Any]:
    source = Conversation.objects.select_for_update().filter(lead=lost_id).first()
    target = Conversation.objects.select_for_update().filter(lead=kept_id).first()
    if source is None:
        return {}
    if target is None:
        Conversation.objects.filter(pk=source.pk).update(lead=kept_id)
        listing.refresh([source.pk])
        return {"conversation": source.pk}
    said = list(source.messages.values_list("pk", flat=True))
    proposed = list(source.suggestions.values_list("pk", flat=True))
    before = {
        str(row.pk): {name: value.isoformat() if (value := getattr(row, name)) else None for name in _TIMES}
        for row in (source, target)
    }
    Message.objects.filter(pk__in=said).update(conversation=target)
    Suggestion.objects.filter(pk__in=proposed).update(conversation=target)
    held = list(source.holds.values_list("pk", flat=True))
    booked = list(source.bookings.values_list("pk", flat=True))
    Hold.objects.filter(pk__in=held).update(conversation=target)
    Booking.objects.filter(pk__in=booked).update(conversation=target)
    known = list(source.memories.exclude(key__in=target.memories.values("key")).values_list("pk", flat=True))
    Memory.objects.filter(pk__in=known).update(conversation=target)
    Conversation.objects.filter(pk=target.pk).update(
        waiting_since=min(filter(None, (source.waiting_since, target.waiting_since)), default=None),
        last_inbound_at=max(filter(None, (source.last_inbound_at, target.last_inbound_at)), default=None),
        last_outbound_at=max(filter(None, (source.last_outbound_at, target.last_outbound_at)), default=None),
    )
    Conversation.objects.filter(pk=source.pk).update(**dict.fromkeys(_TIMES))
    target.refresh_from_db()
    if _STRENGTH.index(source.state) > _STRENGTH.index(target.state) and CONVERSATION.allows(
        target.state, source.state
    ):
        CONVERSATION.move(
            target, source.state, actor=ACTOR, reason=_("Merged with lead %(number)s.") % {"number": lost_id}
        )
    listing.refresh([source.pk, target.pk])
    return {
        "source": source.pk,
        "target": target.pk,
        "said": said,
        "proposed": proposed,
        "held": held,
        "booked": booked,
        "known": known,
        "before": before,
    }


def on_lead_unmerged(event: Event) -> None:
    """Everything from the lost lead returns to it; later messages stay with the kept one."""
    merge = _merge_of(event)
    if merge is None or WING not in merge.effects:
        return
    effects = merge.effects[WING]
    lost = merge.lost_id
    Message.objects.filter(pk__in=effects["messages"], lead=merge.kept_id).update(lead=lost)
    ConsentEntry.objects.filter(pk__in=effects["consent"], lead=merge.kept_id).update(lead=lost)
    if number := effects.get("conversation"):
        Conversation.objects.filter(pk=number, lead=merge.kept_id).update(lead=lost)
    if source := effects.get("source"):
        target = effects["target"]
        Message.objects.filter(pk__in=effects["said"], conversation=target).update(conversation=source)
        Suggestion.objects.filter(pk__in=effects["proposed"], conversation=target).update(conversation=source)
        Hold.objects.filter(pk__in=effects["held"], conversation=target).update(conversation=source)
        Booking.objects.filter(pk__in=effects["booked"], conversation=target).update(conversation=source)
        Memory.objects.filter(pk__in=effects["known"], conversation=target).update(conversation=source)
        Conversation.objects.filter(pk=source).update(**effects["before"][str(source)])
        if not Message.objects.filter(conversation=target, created_at__gt=merge.created_at).exists():
            Conversation.objects.filter(pk=target).update(**effects["before"][str(target)])
    listing.refresh(filter(None, (effects.get("conversation"), effects.get("source"), effects.get("target"))))
    merge.effects = {name: value for name, value in merge.effects.items() if name != WING}
    merge.save(update_fields=["effects", "updated_at"])
