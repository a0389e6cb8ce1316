"""Connect a booking page; keep what it, or a calendar, tells of a call."""

from __future__ import annotations

import secrets as random_secrets
from typing import Any

from django.db import transaction

from conversations.booking.calcom import CalCom
from conversations.booking.calendly import Calendly
from conversations.booking.models import BOOKING, Booking, BookingPage, BookingProvider
from conversations.booking.news import Kind, News, Provider
from conversations.models import Conversation
from outreach.core import secrets
from outreach.core.audit import record as audit
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _

PROVIDERS: dict[str, Provider] = {"calcom": CalCom(), "calendly": Calendly()}
_STATES = {Kind.CANCELLED: "cancelled", Kind.NO_SHOW: "no_show", Kind.HELD: "held"}


def provider(name: str) -> Provider:
    """The adapter of a booking page. Raises `Invalid` for an unknown name."""
    if name not in PROVIDERS:
        raise Invalid("provider", _("Unknown provider “%(name)s”.") % {"name": name}, code="provider_unknown")
    return PROVIDERS[name]


@transaction.atomic
def connect(*, name: str, provider: str, actor: Actor, secret: str = "") -> BookingPage:
    """A booking page that may tell us of its calls; without a `secret` one is made. Raises `Invalid`."""
    name = name.strip()
    if not name or BookingPage.objects.filter(name=name).exists():
        raise Invalid("name", _("Choose a name that isn't used yet."), code="name_taken")
    if provider not in BookingProvider.values:
        raise Invalid("provider", _("Unknown provider “%(name)s”.") % {"name": provider}, code="provider_unknown")
    page = BookingPage.objects.create(
        name=name, provider=provider, secret_token=secrets.encrypt(secret or random_secrets.token_urlsafe(32))
    )
    audit("booking_page.connected", subject=page, actor=actor, data={"provider": provider})
    return page


@transaction.atomic
def disconnect(*, page: BookingPage, actor: Actor) -> None:
    """Its events are refused from now on; the calls that it told of stay."""
    audit("booking_page.disconnected", subject=page, actor=actor, data={"name": page.name})
    page.delete()


def known(source: str, news: News) -> Booking | None:
    """The call that `news` is about, by its id or the one that it replaces."""
    ids = [text for text in (news.external_id, news.previous_id) if text]
    rows = Booking.objects.select_related("conversation").filter(source=source, external_id__in=ids)
    return rows.order_by("-id").first()


def record(*, conversation: Conversation, source: str, news: News, actor: Actor) -> tuple[Booking, bool]:
    """Keep what happened to a call, under the conversation's lock; the call, and whether anything is new.

    In any order and more than once: a cancelled call stays cancelled, whichever of its events comes later. The answer
    of their calendar to the invitation of a booking page is about the same call.
    """
    row = known(source, news)
    if row is None:
        return _new(conversation, source, news)
    if news.kind in {Kind.BOOKED, Kind.MOVED}:
        return _move(row, news, actor=actor)
    to = _STATES[news.kind]
    if not BOOKING.allows(row.state, to):
        return row, False
    BOOKING.move(row, to, actor=actor, changes={"reason": news.reason[:1_000]})
    return row, True


def _new(conversation: Conversation, source: str, news: News) -> tuple[Booking, bool]:
    on = Booking.objects.filter(conversation=conversation, state__in=BOOKING.on, starts_at=news.starts_at)
    if news.kind is Kind.BOOKED and news.starts_at and (same := on.first()):
        return same, False
    row = Booking.objects.create(
        conversation=conversation,
        source=source,
        external_id=news.external_id,
        state=_STATES.get(news.kind, BOOKING.initial),
        title=news.title[:300],
        starts_at=news.starts_at,
        ends_at=news.ends_at,
        name=news.name[:300],
        address=news.address[:320],
        time_zone=news.time_zone[:64],
        reason=news.reason[:1_000],
    )
    return row, True


def _move(row: Booking, news: News, *, actor: Actor) -> tuple[Booking, bool]:
    if row.state not in BOOKING.on:
        return row, False
    changes: dict[str, Any] = {"external_id": news.external_id, "starts_at": news.starts_at, "ends_at": news.ends_at}
    if all(getattr(row, name) == value for name, value in changes.items()):
        return row, False
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    audit("booking.moved", subject=row, actor=actor)
    return row, True
