"""Messages of a network account's inbox into the raw store, and the lanes of its day."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Min

from conversations.inbound.services import store
from conversations.models import Message
from conversations.network import lanes, relations
from conversations.network.account import INFO
from conversations.network.models import RELATION, Relation
from conversations.senders.models import SENDER, Sender
from leads.models import Channel
from leads.sources.network import links, pacing, sessions
from leads.sources.network.errors import Trouble
from leads.sources.network.models import ACCOUNT, NetworkAccount
from outreach.core import clock

logger = structlog.get_logger(__name__)

SOURCE = "network"
PAGE = 100
MAX_ROUNDS = 5
"""Answers of `PAGE` messages that one look reads at most."""


def poll(*, sender: Sender, account: NetworkAccount) -> int:
    """Store what people wrote since the last check, each message once; returns how many were new.

    The sender says whether it worked: follow-ups wait while a reply may lie unread.
    """
    began = clock.now()
    count = 0
    try:
        for _round in range(MAX_ROUNDS):
            answer = _read(account)
            count += _keep(sender, account, answer)
            if len(answer["elements"]) < PAGE:
                break
    except Trouble as error:
        logger.warning("network.unreadable", account=account.pk, reason=error.reason)
        Sender.objects.filter(pk=sender.pk).update(last_poll_error=error.reason[:1000])
        return count
    NetworkAccount.objects.filter(pk=account.pk).update(polled_at=began)
    account.polled_at = began
    Sender.objects.filter(pk=sender.pk).update(last_polled_at=began, last_poll_error="")
    return count


def _read(account: NetworkAccount) -> dict[str, Any]:
    with sessions.opened(account.pk) as session:
        return session.run(lambda tab: tab.messages(account.message_number), seconds=60)


@transaction.atomic
def _keep(sender: Sender, account: NetworkAccount, answer: dict[str, Any]) -> int:
    """The rows and the cursor commit together, so a crash in between costs a repeated check but no message."""
    count, last = 0, account.message_number
    for row in answer["elements"]:
        if not isinstance(row, dict):
            continue
        urn, public_id = str(row.get("entityUrn") or ""), str(row.get("publicIdentifier") or "")
        if isinstance(row.get("number"), int):
            last = max(last, row["number"])
        if row.get("direction") != "in" or not urn or not public_id:
            continue
        address = links.identity_address(public_id, base_url=account.base_url)
        event = store(
            source=SOURCE,
            external_id=f"{links.host_of(account.base_url)}:{urn}",
            sender=sender,
            fields={**row, "address": address, "account": account.pk},
        )
        count += event is not None
        _they_wrote(sender, address)
    if not answer["elements"] and isinstance(answer.get("last"), int):
        last = min(last, answer["last"]) if answer["last"] < account.message_number else last
    NetworkAccount.objects.filter(pk=account.pk).update(message_number=last)
    account.message_number = last
    return count


def _they_wrote(sender: Sender, address: str) -> None:
    """Whoever writes to us through the network is a contact."""
    row = Relation.objects.filter(sender=sender, address=address).select_related("lead").first()
    if row is not None:
        relations.note_connected(row, at=clock.now())


# the lanes of an account


def work() -> int:
    """One step of each account in use: its most important due lane. Returns the number of steps."""
    count = 0
    senders = Sender.objects.filter(channel=Channel.NETWORK, adapter="network").exclude(state__in=SENDER.unread)
    for sender in senders.order_by("pk"):  # a paused sender writes nothing, but its replies are read
        account = relations.account_of(sender)
        if account is not None and account.state in ACCOUNT.working:
            count += step(sender=sender, account=account)
    return count


def step(*, sender: Sender, account: NetworkAccount) -> bool:
    """Do what is due for one sender. Messages leave through the outbox's own tick; here they only have their turn."""
    now = clock.now()
    known = [
        lanes.Lane(lanes.CONNECT, _next_message(sender, is_follow_up=False)),
        lanes.Lane(lanes.CHECK_PENDING, _next_check(sender)),
        lanes.Lane(lanes.FOLLOW_UP, _next_message(sender, is_follow_up=True)),
        lanes.Lane(lanes.POLL, _next_poll(sender, account, now)),
    ]
    NetworkAccount.objects.filter(pk=account.pk).update(next_major_at=lanes.next_major_at(known))
    chosen = lanes.choose(known, now)
    if chosen is None:
        return False
    if chosen.name in {lanes.CONNECT, lanes.FOLLOW_UP}:
        if not _is_blind(sender, account, now):
            return False  # the outbox's tick sends it
        chosen = known[-1]
    if chosen.name == lanes.CHECK_PENDING:
        return relations.check_next(sender=sender, account=account) is not None
    if pacing.take(account, pacing.LOOK, now):
        return False
    poll(sender=sender, account=account)
    return True


def _is_blind(sender: Sender, account: NetworkAccount, now: datetime) -> bool:
    """Whether messages must be checked first: sending continues only while replies are read."""
    due_at = _next_poll(sender, account, now)
    return due_at is not None and due_at <= now


def _next_message(sender: Sender, *, is_follow_up: bool) -> datetime | None:
    rows = Message.objects.waiting().filter(sender=sender).exclude(approved_hash="")
    rows = rows.filter(follows__isnull=not is_follow_up)
    found: datetime | None = rows.aggregate(at=Min("scheduled_at"))["at"]
    return found


def _next_check(sender: Sender) -> datetime | None:
    rows = Relation.objects.filter(sender=sender, state=RELATION.PENDING)
    found: datetime | None = rows.aggregate(at=Min("next_check_at"))["at"]
    return found


def _next_poll(sender: Sender, account: NetworkAccount, now: datetime) -> datetime | None:
    interval = timedelta(minutes=int(INFO.value(sender.settings, "poll_minutes")))
    if account.polled_at is None:
        return now
    chance = random.Random(f"{account.pk}/{account.polled_at.isoformat()}")  # noqa: S311 - a rhythm, no secret
    return account.polled_at + lanes.jittered(interval, chance.random())
