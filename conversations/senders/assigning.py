"""Assigns senders to leads: pools by tag, sticky rotation, and moving what a sender will not send.

Whoever wrote to somebody once keeps writing to them: a person who answers a stranger's second mail answers nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from conversations.models import MESSAGE, Message, MessageEvent
from conversations.outbox import quotas, states
from conversations.outbox.content import approval_hash
from conversations.outbox.lanes import wake
from conversations.outbox.threads import new_message_id
from conversations.senders import policy, rotation
from conversations.senders.models import Sender
from leads.models import Lead
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.limits import services as limits
from outreach.limits import windows
from outreach.limits.models import Allowance

BATCH = 500
STICKY = (*MESSAGE.touched, *MESSAGE.planned)
"""States of a message that ties its lead to its sender."""


def pool(*, tag: str, channel: str) -> list[Sender]:
    """The senders of `channel` that carry `tag`, whatever their state, in the order of their ids."""
    return list(Sender.objects.filter(channel=channel, tags__contains=[tag]).order_by("id"))


def tags() -> list[str]:
    """All tags that senders carry, sorted."""
    return sorted({tag for found in Sender.objects.values_list("tags", flat=True) for tag in found})


def choose_sender(*, lead: Lead, pool: Sequence[Sender], channel: str) -> Sender:
    """The sender of `pool` for `lead`: the previous one, else one chosen by remaining allowance.

    Deterministic for the same lead and allowances. Raises `Refused` when no sender of the pool may take a new lead.
    """
    return choose_senders(leads=[lead], pool=pool, channel=channel)[lead.pk]


def choose_senders(*, leads: Sequence[Lead], pool: Sequence[Sender], channel: str) -> dict[int, Sender]:
    """Lead id → sender for many leads at once, in three queries. Raises `Refused` likewise."""
    members = {sender.pk: sender for sender in pool if sender.channel == channel and not sender.is_stopped}
    known = _known_senders([lead.pk for lead in leads], list(members))
    found = {lead_id: members[sender_id] for lead_id, sender_id in known.items()}
    missing = [lead.pk for lead in leads if lead.pk not in found]
    if missing:
        weights = _weights([sender for sender in members.values() if sender.is_active])
        for lead_id in missing:
            chosen = rotation.pick(lead_id, weights)
            if chosen is None:
                raise Refused(
                    _("No active sender for %(channel)s can take new leads. Check the pool's senders.")
                    % {"channel": channel},
                    code="no_sender",
                )
            found[lead_id] = members[chosen]
    return found


def _known_senders(lead_ids: list[int], sender_ids: list[int]) -> dict[int, int]:
    """Lead id → the sender of these that wrote to it last, or is about to."""
    rows = (
        Message.objects.filter(
            lead__in=lead_ids, sender__in=sender_ids, direction=Message.Direction.OUT, state__in=STICKY
        )
        .order_by("lead_id", "-id")
        .distinct("lead_id")
        .values_list("lead_id", "sender_id")
    )
    return {lead_id: sender_id for lead_id, sender_id in rows if lead_id and sender_id}


def _weights(senders: Iterable[Sender]) -> dict[int, float]:
    """What each sender may still take: its allowance, less what it sent in 24 hours; the allowance when all are spent."""
    rows = list(senders)
    usages = dict(
        Allowance.objects.filter(key__in=[quotas.sender_key(sender.pk) for sender in rows]).values_list("key", "usage")
    )
    now = clock.now()
    whole, left = {}, {}
    for sender in rows:
        usage = usages.get(quotas.sender_key(sender.pk), {})
        whole[sender.pk] = float(policy.daily_allowance(sender, usage, now))
        left[sender.pk] = max(0.0, whole[sender.pk] - windows.used(usage, windows.DAY, now))
    return left if any(left.values()) else whole


def check_takes(*, sender: Sender, lead: Lead | None, is_follow_up: bool = False) -> None:
    """Raise `Refused` when a draining sender is given a lead that it has never written to."""
    if not sender.is_draining or is_follow_up or lead is None:
        return
    if not _known_senders([lead.pk], [sender.pk]):
        raise Refused(
            _("%(sender)s is draining: it finishes planned messages and takes no new leads.") % {"sender": sender.name},
            code="sender_draining",
        )


@dataclass
class Rehomed:
    """The result of moving: how many went to which sender, were held for review, or stayed."""

    moved: int = 0
    to_review: int = 0
    kept: int = 0
    by_sender: Counter[str] = field(default_factory=Counter)

    def sentence(self) -> str:
        return _(
            "%(moved)s messages moved (%(review)s of them waiting for review); %(kept)s stay because their "
            "leads know this sender."
        ) % {"moved": self.moved, "review": self.to_review, "kept": self.kept}


def rehome(*, sender: Sender, to: Sequence[Sender], actor: Actor, reason: str) -> Rehomed:
    """Move what `sender` has planned for leads it never wrote to, to the active senders of `to`.

    A lead that got something from `sender`, or may have, stays with it, and so do follow-ups and answers. The approval
    moves along and is signed by `actor`; a text that names the old sender waits for review instead. While a batch
    moves, nothing of this sender is claimed. Raises `Invalid` without another active sender of the same channel.
    """
    targets = [
        other
        for other in to
        if other.pk != sender.pk
        and other.channel == sender.channel
        and other.is_active
        and other.is_simulated == sender.is_simulated
    ]
    if not targets:
        raise Invalid(
            "to", _("No other active sender on this channel can take over the planned messages."), code="no_sender"
        )
    result, last = Rehomed(), 0
    while True:
        rows, moved_to = _rehome_batch(sender, targets, actor, reason, last, result)
        if not rows:
            break
        last = rows[-1].pk
        for channel in moved_to:
            wake(channel)
    result.kept = _planned(sender).count()
    with transaction.atomic():
        record(
            "sender.rehomed",
            subject=sender,
            actor=actor,
            reason=reason,
            data={"moved": result.moved, "to_review": result.to_review, "kept": result.kept},
        )
    return result


def planned_counts(sender_ids: Iterable[int]) -> dict[int, int]:
    """How many messages wait for each sender."""
    rows = (
        Message.objects.waiting()
        .filter(sender__in=list(sender_ids))
        .values_list("sender")
        .annotate(count=Count("id"))
        .order_by()
    )
    return dict(rows)


def _planned(sender: Sender) -> QuerySet[Message]:
    return Message.objects.outgoing().filter(sender=sender, state__in=MESSAGE.planned)


@transaction.atomic
def _rehome_batch(
    sender: Sender, targets: list[Sender], actor: Actor, reason: str, after: int, result: Rehomed
) -> tuple[list[Message], set[str]]:
    limits.lock(quotas.sender_key(sender.pk))
    contacted = Message.objects.filter(
        lead=OuterRef("lead"), sender=sender, direction=Message.Direction.OUT, state__in=MESSAGE.touched
    )
    rows = list(
        _planned(sender)
        .select_for_update(of=("self",), skip_locked=True)
        .filter(pk__gt=after, lead__isnull=False, follows__isnull=True, in_reply_to="")
        .exclude(Exists(contacted))
        .select_related("lead")
        .order_by("id")[:BATCH]
    )
    if not rows:
        return [], set()
    leads = list({row.lead_id: row.lead for row in rows if row.lead is not None}.values())
    chosen = choose_senders(leads=leads, pool=targets, channel=sender.channel)
    now = clock.now()
    events: list[MessageEvent] = []
    reviewed: list[int] = []
    for row in rows:
        assert row.lead_id is not None
        target = chosen[row.lead_id]
        is_reviewed = _names(row, sender, target)
        _move(row, target, actor, is_reviewed=is_reviewed)
        result.moved += 1
        if is_reviewed:
            reviewed.append(row.pk)
        result.by_sender[target.name] += 1
        data = {"from": sender.pk, "to": target.pk, "by": actor.name, "reason": reason}
        events.append(MessageEvent(message=row, kind="rehomed", occurred_at=now, data=data))
    columns = ["sender", "approved_hash", "approval_rule", "rfc_message_id", "refused_by", "error", "updated_at"]
    Message.objects.bulk_update(rows, columns)
    states.move(Message.objects.filter(pk__in=reviewed), MESSAGE.SKIPPED, sources=MESSAGE.waiting)
    MessageEvent.objects.bulk_create(events)
    result.to_review += len(reviewed)
    return rows, {sender.channel}


def _names(row: Message, old: Sender, new: Sender) -> bool:
    """Whether the text names the old sender and the new one has a different name."""
    text = f"{row.subject}\n{row.body}\n{row.body_html}"
    pairs = ((old.display_name, new.display_name), (old.signature, new.signature), (old.address, new.address))
    if any(before and before != after and before in text for before, after in pairs):
        return True
    first, others = old.display_name.partition(" ")[0], new.display_name.split()
    return len(first) > 2 and first not in others and first in text.split()


def _move(row: Message, target: Sender, actor: Actor, *, is_reviewed: bool) -> None:
    was_approved = bool(row.approved_hash) and row.approved_hash == approval_hash(row)
    row.sender = target
    row.rfc_message_id = new_message_id(row.channel, target.address)
    row.updated_at = clock.now()
    if is_reviewed:
        row.approved_hash, row.refused_by = "", "sender_changed"
        row.error = _("It was moved to %(sender)s, but its text names the previous sender. Read it and approve it.") % {
            "sender": target.name
        }
    elif was_approved:
        row.approved_hash = approval_hash(row)
        row.approval_rule = row.approval_rule or _("approved before; moved by %(actor)s") % {"actor": actor.name}
