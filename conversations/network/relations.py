"""The relation of each lead to each network sender: invited, next check at doubling intervals, connected."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from conversations.models import Message
from conversations.network import lanes
from conversations.network.account import INFO
from conversations.network.models import RELATION, Relation
from conversations.outbox.events import record_event
from conversations.senders.models import Sender
from leads.models import Lead
from leads.sources.network import links, pacing, profiles, sessions
from leads.sources.network.errors import Trouble, Unavailable
from leads.sources.network.models import ACCOUNT, NetworkAccount, NetworkProfile
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish

logger = structlog.get_logger(__name__)

ACTOR = Actor.system("network")
LOOK_LATER = timedelta(minutes=15)


def relation_for(*, lead: Lead, sender: Sender) -> Relation:
    """The row of a lead and a sender, made on first use."""
    address = lead.address("network")
    row, _is_new = Relation.objects.get_or_create(lead=lead, sender=sender, defaults={"address": address})
    return row


def was_invited(*, sender_id: int, address: str) -> bool:
    """Whether this sender has sent a person an invitation before."""
    return Relation.objects.filter(sender_id=sender_id, address=address, state__in=RELATION.invited).exists()


@transaction.atomic
def note_invitation(*, message: Message, at: datetime) -> Relation | None:
    """An invitation left: pending, and when to look."""
    if message.lead is None or message.sender is None:
        return None
    row = relation_for(lead=message.lead, sender=message.sender)
    if RELATION.allows(row.state, RELATION.PENDING):
        RELATION.move(
            row, "pending", actor=ACTOR,
            changes={
                "address": message.address, "invitation": message, "invited_at": at, "check_count": 0,
                "next_check_at": at + _recheck(message.sender, 0),
            },
        )  # fmt: skip
        _advance(message.lead, message.address, "pending")
    return row


@transaction.atomic
def note_message(*, message: Message, at: datetime) -> None:
    """A direct message left: only contacts get one, so they are connected, and written to."""
    if message.lead is None or message.sender is None:
        return
    row = relation_for(lead=message.lead, sender=message.sender)
    note_connected(row, at=at)
    _advance(message.lead, message.address, "completed")


@transaction.atomic
def note_connected(row: Relation, *, at: datetime) -> bool:
    """They are connected; `network.connected` is published once. False when already known."""
    if row.is_connected:
        return False
    had_invitation = row.is_invited
    changes: dict[str, Any] = {"connected_at": at, "next_check_at": None, "checked_at": at}
    try:
        RELATION.move(row, "connected", actor=ACTOR, changes=changes)
    except Refused:  # another worker saw it first
        return False
    _advance(row.lead, row.address, "connected")
    if row.invitation is not None and had_invitation:
        record_event(
            message=row.invitation,
            kind="connected",
            occurred_at=at,
            external_id=f"network:{row.pk}:{row.invitation_id}",
        )
    publish(
        "network.connected",
        lead_id=row.lead_id,
        sender_id=row.sender_id,
        relation_id=row.pk,
        invitation_id=row.invitation_id if had_invitation else None,
    )
    return True


def _advance(lead: Lead, address: str, to: str, reason: str = "") -> None:
    profile = NetworkProfile.objects.filter(lead=lead).first()
    if profile is None and address:
        profile = profiles.follow(lead=lead, address=address)
    if profile is not None:
        profiles.advance(profile, to, reason=reason)


def _recheck(sender: Sender, check_count: int) -> timedelta:
    first = timedelta(minutes=int(INFO.value(sender.settings, "recheck_minutes")))
    return lanes.jittered(lanes.recheck_after(first, check_count), random.random())  # noqa: S311 - a rhythm, no secret


def check_next(*, sender: Sender, account: NetworkAccount) -> Relation | None:
    """Check the first due invitation of `sender`, if the account is free."""
    now = clock.now()
    due = Relation.objects.filter(sender=sender, state=RELATION.PENDING, next_check_at__lte=now).select_related(
        "lead", "sender"
    )
    row = due.order_by("next_check_at").first()
    if row is None or account.state not in ACCOUNT.working or pacing.take(account, pacing.LOOK, now):
        return None
    look(row, account)
    return row


def look(row: Relation, account: NetworkAccount) -> str:
    """Check one relation on the site and record it; returns its state."""
    public_id = links.public_id_of_identity(row.address, base_url=account.base_url)
    try:
        with sessions.opened(account.pk) as session:
            shown = session.run(lambda tab: tab.relation(public_id), seconds=60)
    except Unavailable as error:
        _gone(row, error.reason)
        return row.state
    except Trouble as error:
        Relation.objects.filter(pk=row.pk).update(next_check_at=clock.now() + LOOK_LATER)
        logger.info("network.look_failed", relation=row.pk, reason=error.reason)
        return row.state
    pacing.count(account, pacing.VIEW, clock.now())
    _write_down(row, shown)
    return row.state


@transaction.atomic
def _write_down(row: Relation, shown: str) -> None:
    now = clock.now()
    if shown == "connected":
        note_connected(row, at=now)
    elif shown == "none" and row.is_pending:
        reason = _("The invitation no longer exists: it was declined, or withdrawn elsewhere.")
        RELATION.move(row, "withdrawn", actor=ACTOR, reason=reason, changes={"next_check_at": None, "checked_at": now})
        _advance(row.lead, row.address, "failed", reason)
    elif row.is_pending:
        if row.invited_at and lanes.is_given_up(row.invited_at, now):
            reason = _("The invitation was never answered.")
            RELATION.move(
                row, "ignored", actor=ACTOR, reason=reason, changes={"next_check_at": None, "checked_at": now}
            )
            _advance(row.lead, row.address, "failed", reason)
            return
        count = row.check_count + 1
        Relation.objects.filter(pk=row.pk).update(
            check_count=count, checked_at=now, next_check_at=now + _recheck(row.sender, count)
        )
        row.refresh_from_db()


@transaction.atomic
def _gone(row: Relation, reason: str) -> None:
    if row.is_pending:
        changes = {"next_check_at": None, "checked_at": clock.now()}
        RELATION.move(row, "withdrawn", actor=ACTOR, reason=reason[:300], changes=changes)
        _advance(row.lead, row.address, "failed", reason)


def withdraw(*, row: Relation, actor: Actor) -> None:
    """Withdraw an invitation on the site. Raises `Refused` and `Trouble`."""
    account = account_of(row.sender)
    if account is None or account.state not in ACCOUNT.working:
        raise Refused(_("The network account isn't working right now."), code="account_not_working")
    if not row.is_pending:
        raise Refused(_("No invitation is pending."), code="not_pending")
    public_id = links.public_id_of_identity(row.address, base_url=account.base_url)
    with sessions.opened(account.pk) as session:
        session.run(lambda tab: tab.withdraw(public_id), seconds=60)
    with transaction.atomic():
        changes = {"next_check_at": None, "checked_at": clock.now()}
        RELATION.move(row, "withdrawn", actor=actor, changes=changes)
        _advance(row.lead, row.address, "failed", _("The invitation was withdrawn."))


def check_now(*, row: Relation) -> str:
    """Check now, on request; returns the state. Raises `Refused`."""
    account = account_of(row.sender)
    if account is None or account.state not in ACCOUNT.working:
        raise Refused(_("The network account isn't working right now."), code="account_not_working")
    if wait := pacing.take(account, pacing.LOOK, clock.now()):
        raise Refused(
            _("Not now: %(reason)s Try again in %(minutes)s min.")
            % {"reason": wait.reason, "minutes": max(1, round(wait.after.total_seconds() / 60))},
            code="wait_for_turn",
        )
    return look(row, account)


def account_of(sender: Sender) -> NetworkAccount | None:
    """The network account that a sender borrows."""
    return NetworkAccount.objects.filter(name=str(sender.settings.get("account") or "")).first()


def forget(lead: Lead) -> None:
    """Blank the address of an erased lead's relations, and look at them no more."""
    Relation.objects.filter(lead=lead).update(address="", next_check_at=None)
