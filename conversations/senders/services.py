"""Sending accounts: made, changed, verified by signing in and by a real test message, paused with a reason, drained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from conversations.channels import registry
from conversations.channels.base import Account, NotSent, OutcomeUnknown
from conversations.models import Message
from conversations.outbox import quotas
from conversations.outbox.lanes import wake
from conversations.senders import checks
from conversations.senders.assigning import planned_counts, rehome
from conversations.senders.models import SENDER, Sender
from leads.models import Channel
from outreach.core import clock
from outreach.core.addresses import normalise_email
from outreach.core.audit import record
from outreach.core.errors import Invalid, Permanent, Retryable
from outreach.core.models import Actor
from outreach.core.registry import Point
from outreach.core.words import gettext as _
from outreach.core.words import ngettext
from outreach.limits import services as limits

SEND_TEST: Point[Callable[..., Message]] = Point("senders.test")
"""What sends one real test message, through everything that a message passes: `(sender, address, actor) → Message`."""
CONNECTION_FIELDS = ("adapter", "channel", "address", "settings")
"""A change of these asks for a new verification."""


@dataclass(frozen=True, kw_only=True)
class SenderConfig:
    """A sending account as a person describes it, in a form, over the API or on the command line."""

    name: str
    channel: str
    adapter: str
    address: str = ""
    display_name: str = ""
    signature: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)
    hourly_cap: int = 20
    daily_cap: int = 50
    weekly_cap: int = 250
    gap_seconds: int = 0
    gap_jitter_percent: int = 50
    warmup_start: int | None = None
    warmup_step: int = 2
    warmup_ceiling: int | None = None
    has_workday: bool = False
    group_limits: Mapping[str, int] = field(default_factory=dict)
    time_zone: str = "UTC"
    working_hours: Mapping[str, Any] = field(default_factory=dict)
    tags: Iterable[str] = ()

    def sender(self) -> Sender:
        """A new row, checked; not saved. Raises `Invalid` naming the field."""
        values = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "credentials"}
        kept = {name: dict(value) for name, value in values.items() if isinstance(value, Mapping)}
        sender = Sender(**{**values, **kept, "name": self.name.strip(), "tags": list(self.tags)})
        sender.set_credentials(dict(self.credentials))
        _check(sender)
        return sender


EDITABLE = tuple(item.name for item in fields(SenderConfig) if item.name not in {"channel", "adapter", "credentials"})


def account(sender: Sender) -> Account:
    """The sender as its adapter sees it. Raises `Permanent` when the key that encrypted its credentials is gone."""
    return Account(
        id=sender.pk,
        channel=sender.channel,
        address=sender.address,
        display_name=sender.display_name,
        settings=dict(sender.settings),
        credentials=sender.credentials,
    )


def create_sender(config: SenderConfig, *, actor: Actor) -> Sender:
    """A sender that is not verified yet and therefore sends nothing.

    Raises `Invalid` naming the field: a taken name, a bad address, zone, cap or window, missing settings.
    """
    return _save(config.sender(), actor, "sender.created", sorted(EDITABLE))


def update_sender(
    *, sender: Sender, actor: Actor, credentials: Mapping[str, Any] | None = None, **changes: Any
) -> Sender:
    """Change a sender; empty credentials keep their value. A changed connection needs verification again.

    Raises `Invalid` naming the field.
    """
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise Invalid(min(unknown), _("This cannot be changed."), code="unknown_field")
    before = {name: getattr(sender, name) for name in CONNECTION_FIELDS}
    changed = [name for name, value in changes.items() if getattr(sender, name) != value]
    for name in changed:
        setattr(sender, name, changes[name])
    given = {key: value for key, value in (credentials or {}).items() if value not in ("", None)}
    if given:
        sender.set_credentials({**sender.credentials, **given})
        changed.append("credentials")
    _check(sender)
    is_reconnected = bool(given) or any(getattr(sender, name) != value for name, value in before.items())
    with transaction.atomic():
        _save(sender, actor, "sender.changed", sorted(changed))
        if "warmup_start" in changed:
            _restart_warmup(sender)
        if is_reconnected and SENDER.allows(sender.state, "unverified"):
            SENDER.move(
                sender,
                "unverified",
                actor=actor,
                reason=_("The connection was changed."),
                changes={"state_reason": _("The connection was changed. Verify it again."), "verified_at": None},
            )
    return sender


def _restart_warmup(sender: Sender) -> None:
    """A new first day restarts the ramp."""
    row = limits.lock(quotas.sender_key(sender.pk))
    if row is not None and "warmup" in row.usage:
        row.usage = {name: value for name, value in row.usage.items() if name != "warmup"}
        row.save(update_fields=["usage", "updated_at"])


def _check(sender: Sender) -> None:
    if not sender.name:
        raise Invalid("name", _("A sender needs a name."), code="missing")
    if sender.channel not in Channel.values:
        raise Invalid("channel", _("There is no channel “%(name)s”.") % {"name": sender.channel}, code="wrong_choice")
    info = registry.info(sender.adapter)
    if sender.channel not in info.channels:
        raise Invalid(
            "channel", _("%(adapter)s does not send by this channel.") % {"adapter": info.label}, code="wrong_channel"
        )
    if sender.channel == Channel.EMAIL:  # a text message may also come from a short code or a name: the adapter knows
        try:
            sender.address = normalise_email(sender.address)
        except Invalid as error:
            raise Invalid("address", error.reason, code=error.code) from error
    if "\n" in sender.display_name or "\r" in sender.display_name:
        raise Invalid("display_name", _("The display name must be a single line."), code="header_injection")
    checks.check_pace(sender)
    registry.adapter(sender.adapter).check_settings(account(sender))


def _save(sender: Sender, actor: Actor, action: str, names: list[str]) -> Sender:
    columns = [*EDITABLE, "credentials_token", "updated_at"] if sender.pk else None
    try:
        with transaction.atomic():
            sender.save(update_fields=columns)
            record(action, subject=sender, actor=actor, data={"fields": names})
    except IntegrityError as error:
        raise Invalid("name", _("A sender with this name already exists."), code="name_taken") from error
    return sender


def connect_sender(config: SenderConfig, *, actor: Actor) -> tuple[Sender, str]:
    """A sender whose sign-in was tried before anything is saved: it sends at once; what was found, in a sentence.

    Raises `Invalid` as `create_sender` does, `NotSent` and `OutcomeUnknown` as the adapter that cannot sign in.
    """
    sender = config.sender()
    found = registry.adapter(sender.adapter).verify(account(sender))
    with transaction.atomic():
        _save(sender, actor, "sender.created", sorted(EDITABLE))
        _activate(sender, found, actor)
    return sender, found


def verify_sender(*, sender: Sender, actor: Actor, test_address: str = "") -> str:
    """Sign in for real, send a real test message to `test_address` when it is given, and activate the sender.

    What was found, in sentences. Raises `Permanent` (and keeps the reason on the sender) when the account or the test
    message is refused, `Retryable` when the carrier could not be reached, `Invalid` or `Refused` for the address.
    """
    try:
        found = registry.adapter(sender.adapter).verify(account(sender))
    except NotSent as error:
        _note_failure(sender, actor, error.reason)
        raise Permanent(error.reason, code="verification_failed") from error
    except OutcomeUnknown as error:
        _note_failure(sender, actor, error.reason)
        raise Retryable(error.reason, code="verification_unclear") from error
    if test_address:
        found = f"{found} {send_test_message(sender=sender, address=test_address, actor=actor)}"
    with transaction.atomic():
        _activate(sender, found, actor)
    return found


def _activate(sender: Sender, found: str, actor: Actor) -> None:
    now = clock.now()
    changes = {"verified_at": now, "state_reason": "", "health": {}, "health_since": now}
    Sender.objects.filter(pk=sender.pk).update(**changes)
    for name, value in changes.items():
        setattr(sender, name, value)
    if not sender.is_active:
        SENDER.move(sender, "active", actor=actor, reason=found[:300], changes={"state_reason": ""})
    wake(sender.channel)


def send_test_message(*, sender: Sender, address: str, actor: Actor) -> str:
    """Send one real message from `sender` to the operator's own `address`; a sentence. Raises as `verify_sender`."""
    (send,) = SEND_TEST.entries()
    try:
        message = send(sender=sender, address=address, actor=actor)
    except (Permanent, Retryable) as error:
        _note_failure(sender, actor, error.reason)
        raise
    now = clock.now()
    with transaction.atomic():
        Sender.objects.filter(pk=sender.pk).update(tested_at=now, tested_address=message.address)
        record("sender.tested", subject=sender, actor=actor, data={"message": message.pk})
    sender.tested_at, sender.tested_address = now, message.address
    return _("A test message was sent to %(address)s. Check whether it arrived, and in which folder.") % {
        "address": message.address
    }


def _note_failure(sender: Sender, actor: Actor, reason: str) -> None:
    with transaction.atomic():
        Sender.objects.filter(pk=sender.pk).update(state_reason=reason[:1000])
        record("sender.verification_failed", subject=sender, actor=actor, reason=reason[:300])
    sender.state_reason = reason


def pause_sender(*, sender: Sender, actor: Actor, reason: str) -> Sender:
    """Stop sending from it at once, with a reason that everyone sees."""
    SENDER.move(sender, "paused", actor=actor, reason=reason, changes={"state_reason": reason})
    return sender


def resume_sender(*, sender: Sender, actor: Actor) -> Sender:
    """Send from a paused or stopped sender again; one that was never verified is verified instead."""
    if sender.verified_at is None:
        verify_sender(sender=sender, actor=actor)
        return sender
    with transaction.atomic():
        changes = {"state_reason": "", "health": {}, "health_since": clock.now()}
        SENDER.move(sender, "active", actor=actor, changes=changes)
        wake(sender.channel)
    return sender


def drain_sender(*, sender: Sender, actor: Actor, reason: str) -> Sender:
    """Finish planned messages and take no new leads; the sender stops when nothing is left."""
    with transaction.atomic():
        SENDER.move(sender, "draining", actor=actor, reason=reason, changes={"state_reason": reason})
        wake(sender.channel)
    return sender


def delete_sender(*, sender: Sender, actor: Actor, reason: str, to: Sequence[Sender] = ()) -> str:
    """Delete a sender; returns the result as a sentence.

    What it planned for leads that it never wrote to goes to the senders of `to`. One that never wrote and that nothing
    refers to is gone. Otherwise the row stays, stopped and without credentials, because conversations point at it; what
    is still planned waits, and `explain` says why.
    """
    if SENDER.allows(sender.state, "stopped"):
        SENDER.move(sender, "stopped", actor=actor, reason=reason, changes={"state_reason": reason})
    moved = rehome(sender=sender, to=to, actor=actor, reason=reason).sentence() if to else ""
    pk, name = sender.pk, sender.name
    try:
        with transaction.atomic():
            record("sender.deleted", subject=sender, actor=actor, reason=reason, data={"name": name})
            Sender.objects.get(pk=pk).delete()
    except (ProtectedError, IntegrityError):
        left = planned_counts([pk]).get(pk, 0)
        sentence = _("Taken out of service: %(reason)s.") % {"reason": reason.strip().rstrip(".")}
        if left:
            still = ngettext(
                "%(count)s message is still planned for it. Move it to other senders, or cancel it.",
                "%(count)s messages are still planned for it. Move them to other senders, or cancel them.",
                left,
            )
            sentence = f"{sentence} {still % {'count': left}}"
        with transaction.atomic():
            Sender.objects.filter(pk=pk).update(credentials_token="", verified_at=None, state_reason=sentence)
            record("sender.credentials_erased", subject=sender, actor=actor, reason=reason)
        sender.credentials_token, sender.verified_at, sender.state_reason = "", None, sentence
        return f"{sentence} {moved}".strip()
    return _("%(sender)s was deleted. %(moved)s") % {"sender": name, "moved": moved}


def pause_for_fault(*, sender: Sender, reason: str) -> bool:
    """Pause a sender whose carrier refuses the account itself; False when it is not active (any more)."""
    row = Sender.objects.get(pk=sender.pk)
    if not row.is_sending:
        return False
    SENDER.move(
        row, "paused", actor=Actor.system("delivery"), reason=reason[:300], changes={"state_reason": reason[:1000]}
    )
    return True
