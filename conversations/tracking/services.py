"""Prepare a message for tracking, store hits on its pixel and links, and judge them.

Off unless the message's stream chose it. The pages keep a hit and answer; a task judges a little later, when it can be
seen whether one machine opened every link at once.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape, unescape

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse

from conversations.models import Message
from conversations.outbox.events import record_event
from conversations.tracking import machines
from conversations.tracking.models import Hit, TrackedLink
from outreach.core import clock
from outreach.jobs.services import enqueue

_SALT = "conversations.tracking"
_HREF = re.compile(r"""(<a\b[^>]*?\bhref\s*=\s*)(["'])(https?://[^"'<>\s]+)\2""", re.IGNORECASE)
MAX_LINKS = 100
MAX_HITS = 200
"""Of one message; more are a machine's and are not kept."""
JUDGED_AFTER = timedelta(seconds=30)
"""A scanner that opens every link does so within seconds."""
JUDGE = "conversations.tracking.tasks.judge"


def token(message_id: int, number: int | None = None) -> str:
    """Signed: no one can request a link that we did not send."""
    return Signer(salt=_SALT, sep="~").sign(str(message_id) if number is None else f"{message_id}-{number}")


def read_token(text: str) -> tuple[int, int | None] | None:
    """(message, number of the link or None for the pixel), or None for a forged or damaged token."""
    try:
        message_id, _dash, number = Signer(salt=_SALT, sep="~").unsign(text).partition("-")
        return int(message_id), int(number) if number else None
    except (BadSignature, ValueError):
        return None


def prepared(message: Message, html: str) -> str:
    """`html` with the pixel and redirected links, as the stream chooses now; the links are stored before this returns.

    Our own unsubscribe link is left as it is. Repeating it gives the same.
    """
    stream = message.stream
    if stream is None or not (stream.tracks_opens or stream.tracks_clicks):
        return html
    if stream.tracks_clicks:
        html = _redirected(message, html)
    if stream.tracks_opens:
        url = f"{settings.PUBLIC_BASE_URL}{reverse('tracking:pixel', args=[token(message.pk)])}"
        pixel = f'<img src="{escape(url)}" width="1" height="1" alt="">'
        start, end_tag, rest = html.rpartition("</body>")
        html = f"{start}{pixel}{end_tag}{rest}" if end_tag else f"{html}{pixel}"
    return html


def _redirected(message: Message, html: str) -> str:
    numbers: dict[str, int] = {}
    own = str(settings.PUBLIC_BASE_URL)

    def replace(match: re.Match[str]) -> str:
        url = unescape(match[3])
        if url.startswith(own) or (url not in numbers and len(numbers) >= MAX_LINKS):
            return match[0]
        number = numbers.setdefault(url, len(numbers) + 1)
        target = f"{own}{reverse('tracking:link', args=[token(message.pk, number)])}"
        return f"{match[1]}{match[2]}{escape(target)}{match[2]}"

    changed = _HREF.sub(replace, html)
    if numbers:
        TrackedLink.objects.bulk_create(
            [TrackedLink(message=message, number=number, url=url) for url, number in numbers.items()],
            ignore_conflicts=True,
        )
    return changed


def link_of(message_id: int, number: int) -> TrackedLink | None:
    """The stored link behind a token."""
    return TrackedLink.objects.filter(message=message_id, number=number).first()


@transaction.atomic
def keep_hit(*, message_id: int, link: TrackedLink | None, method: str, user_agent: str) -> Hit | None:
    """Store one hit and wake its judging; None for a message that is unknown, unsent or hit too often."""
    message = Message.objects.filter(pk=message_id, direction=Message.Direction.OUT, sending_at__isnull=False).first()
    if message is None or Hit.objects.filter(message=message).count() >= MAX_HITS:
        return None
    hit = Hit.objects.create(
        message=message,
        link=link,
        method=method[:10],
        user_agent=user_agent.replace("\0", "")[:300],
        at=clock.now(),
    )
    enqueue(JUDGE, message.pk, key=f"hits:{message.pk}", delay=JUDGED_AFTER)
    return hit


@transaction.atomic
def judge(*, message_id: int) -> int:
    """Judge the new hits of one message and record the result; returns how many."""
    message = Message.objects.select_for_update(of=("self",)).filter(pk=message_id).first()
    if message is None:
        return 0
    hits = list(Hit.objects.filter(message=message).select_related("link").order_by("id"))
    link_count = message.tracked_links.count()
    facts = [machines.Request(hit.at, hit.method, hit.user_agent, hit.link_id) for hit in hits]
    sent_at = message.sent_at or message.sending_at
    count = 0
    young = clock.now() - machines.BURST
    for hit, request in zip(hits, facts, strict=True):
        if hit.verdict:
            continue
        if hit.at > young:  # what came right after it is not known yet
            enqueue(JUDGE, message.pk, key=f"hits:{message.pk}", delay=JUDGED_AFTER)
            break
        reason = machines.why_machine(request, others=facts, sent_at=sent_at, link_count=link_count)
        Hit.objects.filter(pk=hit.pk).update(verdict=reason or machines.PERSON)
        kind = "clicked" if hit.link_id else "opened"
        record_event(
            message=message,
            kind=f"machine_{kind}" if reason else kind,
            occurred_at=hit.at,
            external_id=f"hit:{hit.pk}",
            data={"source": "tracking", **({"machine": reason} if reason else {}), **_url(hit)},
        )
        count += 1
    return count


def _url(hit: Hit) -> dict[str, str]:
    return {"url": hit.link.url[:500]} if hit.link else {}
