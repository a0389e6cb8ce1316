"""One tick of a lane: claim, pass the gate, hand over, record; several senders in parallel, each in its own thread.

This is the only module that calls an adapter's `send`. What is certain is written down as fact; when the answer is
lost the message is `unknown`. A database that restarts in between is waited for: what this process knows is not lost.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.transaction import TransactionManagementError

from conversations.channels import registry
from conversations.channels.base import Account, Adapter, NotSent, OutcomeUnknown
from conversations.dispatch import claiming, gate, overdue, recording, throttle
from conversations.dispatch.outgoing import outgoing
from conversations.models import Message
from conversations.outbox import quotas
from conversations.senders import services as senders
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.backups.models import Restore
from outreach.core import clock
from outreach.core.errors import OutreachError
from outreach.core.secrets import require_own_database
from outreach.core.words import gettext as _
from outreach.jobs import stopping
from outreach.limits import services as limits

logger = structlog.get_logger(__name__)

AdapterFor = Callable[[str], Adapter]

MAX_THREADS = 8
"""Senders served side by side in one process."""
TICK_SECONDS = 45.0
"""No claim starts after this long, so that a tick ends well before the queue's time limit."""
PATIENCE_SECONDS = 90.0
"""How long a worker that knows an outcome waits for a database that restarts."""
PACE_PATIENCE = timedelta(seconds=15)
"""How long a batch of text messages waits for its number's next segment; longer waits put it back."""
DATABASE_FAULTS = (OperationalError, InterfaceError)


def send_due(
    *,
    channels: tuple[str, ...] = tuple(Channel.values),
    adapter_for: AdapterFor = registry.adapter,
    seconds: float = TICK_SECONDS,
) -> int:
    """Send what is due on `channels`; how many messages were handed over or settled otherwise.

    Nothing is, after a restore that nobody has confirmed. Raises `Permanent` when the database belongs to another
    SECRET_KEY.
    """
    require_own_database()
    if Restore.objects.open().exists():
        return 0
    overdue.watch(channels)
    rows = claiming.due_senders(channels)
    if not rows:
        return 0
    limits.ensure([quotas.sender_key(sender.pk) for sender in rows])
    random.shuffle(rows)  # workers of one lane begin with different senders
    deadline = time.monotonic() + seconds
    if len(rows) == 1 or connection.in_atomic_block:
        return sum(_serve(sender, adapter_for, deadline) for sender in rows)
    return sum(_pool(os.getpid()).map(lambda sender: _serve_in_thread(sender, adapter_for, deadline), rows))


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """The threads of this process; they persist, and with them the adapters' connections."""
    return ThreadPoolExecutor(max_workers=MAX_THREADS, thread_name_prefix="send")


def _serve_in_thread(sender: Sender, adapter_for: AdapterFor, deadline: float) -> int:
    try:
        return _serve(sender, adapter_for, deadline)
    finally:
        connection.close()


def _serve(sender: Sender, adapter_for: AdapterFor, deadline: float) -> int:
    """Send for one sender until nothing may be claimed any more or the time is up. One sender's fault stops no other."""
    count = 0
    try:
        adapter, account = adapter_for(sender.adapter), senders.account(sender)
        while time.monotonic() < deadline and not stopping.is_requested():
            messages = claiming.claim(sender, throttle.batch_size(sender, settings.OUTREACH.delivery.batch_size))
            if not messages:
                break
            count += _send_batch(messages, adapter, account, deadline)
    except OutreachError as error:
        senders.pause_for_fault(sender=sender, reason=error.reason)
    except DATABASE_FAULTS as error:
        if connection.in_atomic_block:
            raise
        logger.warning("no database, the next tick goes on", sender=sender.pk, error=str(error).strip())
        connection.close()
    return count


def _send_batch(messages: list[Message], adapter: Adapter, account: Account, deadline: float) -> int:
    started = time.monotonic()
    lease = settings.OUTREACH.delivery.lease_seconds
    for number, message in enumerate(messages):
        is_paced = _wait_for_turn(message)
        late = time.monotonic()
        is_late = late - started > lease / 2 or late > deadline + lease / 4
        if not is_paced or is_late or stopping.is_requested():
            for rest in messages[number:]:
                if rest.claim_token:
                    gate.release(rest.pk, rest.claim_token, came_from=("claimed",))
            return number
        deliver(message, adapter, account)
    return len(messages)


def _wait_for_turn(message: Message) -> bool:
    """Wait until the number may send the segments of `message`; False if that exceeds a batch's wait."""
    if message.channel != Channel.SMS or message.sender_id is None:
        return True
    patience = min(PACE_PATIENCE, timedelta(seconds=settings.OUTREACH.delivery.lease_seconds / 4))
    while wait := throttle.take(message):
        if wait > patience or clock.is_shifted():
            throttle.hold_sender(message.sender_id, wait)
            return False
        patience -= wait
        time.sleep(wait.total_seconds())
    return True


def deliver(message: Message, adapter: Adapter, account: Account) -> str:
    """Take one claimed message through the gate and to its carrier; returns its final state, or `lost`."""
    if not _enter(message):
        return message.state
    handed_over = time.monotonic()
    try:
        answer = adapter.send(account, outgoing(message))
    except NotSent as fault:
        reported = fault
        _patiently(lambda: recording.not_sent(message, reported))
        return "not_sent"
    except OutcomeUnknown as doubt:
        code, reason = doubt.code, doubt.reason
        _patiently(lambda: recording.unknown(message, code, reason))
        return "unknown"
    except Exception as error:
        logger.exception("adapter broke its promise", message=message.pk, adapter=adapter.name)
        text = f"{type(error).__name__}: {error}"
        _patiently(
            lambda: recording.unknown(
                message,
                "adapter_error",
                _("The adapter failed without saying anything about the message: %(error)s") % {"error": text},
            )
        )
        return "unknown"
    taken = answer
    if not _patiently(lambda: recording.accepted(message, taken)):
        logger.warning("sent under a lost claim", message=message.pk, seconds=time.monotonic() - handed_over)
    return "sent"


def _enter(message: Message) -> bool:
    """The gate, or the record of who refused. False: nothing may be sent."""
    token = message.claim_token
    try:
        entered_at = time.monotonic()
        if gate.pass_gate(message):
            if time.monotonic() - entered_at < settings.OUTREACH.delivery.lease_seconds / 4:
                return True
            if token:
                gate.release(message.pk, token)
            return False
        verdict = gate.examine(message)
        check = verdict.refused_by
        if check is None:
            message.refresh_from_db(fields=["state", "claim_token", "address"])
            if message.is_claimed and message.claim_token == token and token:
                gate.release(message.pk, token, came_from=("claimed",))
            return False
        gate.refuse(message, verdict, check)
    except DATABASE_FAULTS:
        if token is None or connection.in_atomic_block:
            raise
        pk = message.pk
        _patiently(lambda: gate.release(pk, token))
        return False
    return False


def _patiently(write: Callable[[], bool]) -> bool:
    """Do `write`, and do it again when the database went away, for as long as we have patience."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    wait = 0.1
    while True:
        try:
            return write()
        except (*DATABASE_FAULTS, TransactionManagementError):
            if connection.in_atomic_block or time.monotonic() > give_up:
                raise
            connection.close()
            time.sleep(wait)
            wait = min(2.0, wait * 2)
