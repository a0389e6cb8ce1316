"""What relations learn from events: what was sent, who was erased, which account stopped."""

from __future__ import annotations

from conversations.models import Message
from conversations.network import relations
from conversations.network.adapter import is_invitation
from conversations.network.models import RELATION, Relation
from conversations.senders import services as senders
from conversations.senders.models import Sender
from leads.duplicates.models import Merge
from leads.models import Channel, Lead
from leads.sources.network.models import NetworkAccount
from outreach.core import clock
from outreach.events.models import Event


def message_sent(event: Event) -> None:
    """`message.sent`: an invitation makes the relation pending, a direct message means that they are connected."""
    message = (
        Message.objects.select_related("lead", "sender")
        .filter(pk=event.payload.get("message_id") or 0, channel=Channel.NETWORK, sender__adapter="network")
        .first()
    )
    if message is None or not message.provider_id:
        return
    at = message.sent_at or clock.now()
    if is_invitation(message.provider_id):
        relations.note_invitation(message=message, at=at)
    else:
        relations.note_message(message=message, at=at)


def lead_changed(event: Event) -> None:
    """`lead.changed`: the relations of an erased lead lose the address."""
    lead_id = event.payload.get("lead_id")
    lead = Lead.objects.filter(pk=lead_id, erased_at__isnull=False, merged_into=None).first() if lead_id else None
    if lead is not None:
        relations.forget(lead)


def contact_seen(event: Event) -> None:
    """`network.contact_seen`: a profile that was read shows a contact; what we have with them is connected at once."""
    account = NetworkAccount.objects.filter(pk=event.payload.get("account_id") or 0).first()
    if account is None:
        return
    rows = Relation.objects.filter(
        lead=event.payload["lead_id"], sender__adapter="network", sender__settings__account=account.name
    )
    for row in rows.exclude(state=RELATION.CONNECTED).select_related("lead", "invitation"):
        relations.note_connected(row, at=event.at)


def account_stopped(event: Event) -> None:
    """`network.stopped`: senders that use the account pause with its reason, and a person is asked."""
    account = NetworkAccount.objects.filter(pk=event.payload.get("account_id") or 0).first()
    if account is None or not account.is_asking:
        return
    for sender in Sender.objects.active().filter(adapter="network", settings__account=account.name):
        senders.pause_for_fault(sender=sender, reason=account.state_reason)


ROOM = "network relations"


def lead_merged(event: Event) -> None:
    """`lead.merged`: relations move to the kept lead, except for senders that know both."""
    merge = Merge.objects.select_for_update().filter(pk=event.payload["merge_id"]).first()
    if merge is None or merge.undone_at or ROOM in merge.effects:
        return
    known = Relation.objects.filter(lead=merge.kept_id).values("sender")
    moved = Relation.objects.filter(lead=merge.lost_id).exclude(sender__in=known)
    ids = list(moved.values_list("pk", flat=True))
    if ids:
        moved.update(lead=merge.kept_id)
        merge.effects = {**merge.effects, ROOM: ids}
        merge.save(update_fields=["effects", "updated_at"])


def lead_unmerged(event: Event) -> None:
    """`lead.unmerged`: what moved with the merge returns."""
    merge = Merge.objects.filter(pk=event.payload["merge_id"]).first()
    if merge is not None:
        moved = merge.effects.get(ROOM, [])
        Relation.objects.filter(pk__in=moved, lead=merge.kept_id).update(lead=merge.lost_id)
