"""What providers' events mean for a message, its recipient and its sender. They come in any order and more than once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from conversations.channels import registry
from conversations.channels.providers.news import SOURCE, News
from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress
from conversations.inbound import soft_bounces
from conversations.inbound.models import InboundEvent
from conversations.models import MESSAGE, Message
from conversations.outbox.events import record_event
from conversations.reading import reasons
from conversations.reading.reasons import Reason
from conversations.replies import consequences
from conversations.senders.services import account
from conversations.tracking import machines
from leads.models import Channel
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _
from outreach.web.sessions import guarded_session

logger = structlog.get_logger(__name__)

ACTOR = Actor.system("provider")
REPEATABLE = ("opened", "clicked", "delayed")
"""What may happen to a message more than once; of everything else the first telling counts, whoever brings it."""
FUTURE = timedelta(minutes=5)
"""A provider's clock may be ahead by so much; a later time is taken for ours."""


def handle(event: InboundEvent) -> tuple[str, Message | None]:
    """Record one stored event; what it is, and the message that it is about or None when it is not ours."""
    adapter = event.source.removeprefix(f"{SOURCE}.")
    webhook = registry.webhook(adapter)
    confirm = getattr(webhook, "confirmation_url", None)
    if confirm and event.sender is not None and (url := confirm(event.fields, account(event.sender))):
        _confirm(url)
        return "confirmation", None
    news = webhook.read(event.fields)
    message = (_message(event, news) or _by_recipient(event, news)) if news.kind else None
    if message is None:
        return "status", None
    _record(adapter, event, message, news)
    return "status", message


def reply_of(event: InboundEvent) -> bytes | None:
    """The mail that a provider's event brings, for those who answer through the webhook; None for every other event."""
    webhook = registry.webhook(event.source.removeprefix(f"{SOURCE}."))
    reply = getattr(webhook, "reply", None)
    if reply is None or event.sender is None:
        return None
    original = _by_recipient(event, webhook.read(event.fields))
    found: bytes | None = reply(event.fields, answers=original.rfc_message_id if original else "")
    return found


def _confirm(url: str) -> None:
    """Confirm the subscription of our own topic; the address was verified as Amazon's."""
    guarded_session().get(url, timeout=10, allow_redirects=False).raise_for_status()


def _message(event: InboundEvent, news: News) -> Message | None:
    """By our number, which works before the API answered; else by the provider's id. Only messages of this sender count."""
    if event.sender is None:
        return None
    ours = Message.objects.select_related("sender", "lead", "conversation").filter(
        direction=Message.Direction.OUT, channel=Channel.EMAIL, sender=event.sender
    )
    if news.message_number is not None and (found := ours.filter(pk=news.message_number).first()):
        is_same = not found.provider_id or not news.provider_id or _are_same(found.provider_id, news.provider_id)
        return found if is_same and found.state not in MESSAGE.not_left else None
    if not news.provider_id:
        return None
    return ours.filter(provider_id=news.provider_id).exclude(state__in=MESSAGE.not_left).first()


def _by_recipient(event: InboundEvent, news: News) -> Message | None:
    """For providers that only know the recipient: what Smartlead says it sent is the first that it has not
    named yet; everything else is about the latest that left."""
    webhook = registry.webhook(event.source.removeprefix(f"{SOURCE}."))
    if event.sender is None or not news.recipient or not getattr(webhook, "matches_recipient", False):
        return None
    rows = Message.objects.select_related("sender", "lead", "conversation").filter(
        direction=Message.Direction.OUT,
        channel=Channel.EMAIL,
        sender=event.sender,
        address_digest=address_digest(news.recipient),
    )
    rows = rows.exclude(state__in=MESSAGE.not_left).order_by("-id")
    if news.provider_id:
        return rows.filter(provider_id="").last()
    return rows.first()


def _are_same(ours: str, theirs: str) -> bool:
    return ours == theirs or theirs.startswith(f"{ours}.")


def _record(adapter: str, event: InboundEvent, message: Message, news: News) -> None:
    if news.provider_id and not message.provider_id:
        taken = Message.objects.filter(direction=Message.Direction.OUT, provider_id=news.provider_id)
        if not taken.exists():
            Message.objects.filter(pk=message.pk, provider_id="").update(provider_id=news.provider_id)
    if news.kind == "sent" and message.state not in MESSAGE.at_carrier:
        return
    at = _moment(event, news)
    kind = news.kind
    data: dict[str, object] = {"source": adapter, "code": news.code, "reason": news.reason}
    if kind in ("opened", "clicked"):
        kind, data = _by_whom(message, news, at, data)
    if kind == "bounced":
        data |= {"is_hard": news.is_hard, "class": "hard" if news.is_hard else str(_soft_class(news))}
    once = news.event_id or event.external_id if news.kind in REPEATABLE else ""
    record_event(
        message=message,
        kind=kind,
        occurred_at=at,
        external_id=f"{adapter}:{message.pk}:{kind}:{once}"[:500],
        data=data,
    )
    _follow(message, news, f"{adapter}: {news.code} {news.reason}".strip()[:500], now=event.received_at)


def _soft_class(news: News) -> Reason:
    """Why it came back, when the address is not known to be dead."""
    found = reasons.classify(news.code, news.reason, "failed")
    return Reason.TEMPORARY if found in reasons.HARD else found


def _moment(event: InboundEvent, news: News) -> datetime:
    if news.at is None or news.at.tzinfo is None or news.at > event.received_at + FUTURE:
        return event.received_at
    return news.at


def _by_whom(message: Message, news: News, at: datetime, data: dict[str, object]) -> tuple[str, dict[str, object]]:
    """An opening or click counts only when a person may have done it."""
    agent = news.user_agent
    reason = "provider" if news.is_machine else ""
    if agent and not reason:
        request = machines.Request(at, "GET", agent, 1 if news.kind == "clicked" else None)
        reason = machines.why_machine(request, others=[request], sent_at=message.sent_at, link_count=0)
    data = {key: value for key, value in {**data, "url": news.url, "machine": reason}.items() if value}
    return (f"machine_{news.kind}" if reason else news.kind), data


def _follow(message: Message, news: News, evidence: str, *, now: datetime) -> None:
    """Text about the address or the person beyond this message. Repeating it changes nothing."""
    if news.is_hard:
        consequences.invalidate(channel=Channel.EMAIL, address=message.address, reason=evidence[:300])
        _suppress(message, Suppression.Reason.BOUNCE, evidence)
    elif news.kind == "bounced" and _soft_class(news) not in soft_bounces.ABOUT_US:
        soft_bounces.follow(message, actor=ACTOR, now=now)
    elif news.kind == "complained":
        _suppress(message, Suppression.Reason.COMPLAINT, _("Complaint: %(evidence)s") % {"evidence": evidence})
    elif news.kind == "unsubscribed" or news.is_opt_out:
        _suppress(message, Suppression.Reason.OPT_OUT, _("Unsubscribed: %(evidence)s") % {"evidence": evidence})


def _suppress(message: Message, reason: Suppression.Reason, evidence: str) -> None:
    """The address that we wrote to, never one that an event merely claims; a person's own opt-out covers the person."""
    is_own_word = reason in (Suppression.Reason.COMPLAINT, Suppression.Reason.OPT_OUT)
    suppress(
        Target(lead=message.lead if is_own_word else None, channel=Channel.EMAIL, address=message.address),
        reason=reason,
        actor=ACTOR,
        evidence=evidence[:500],
        message=message,
    )
