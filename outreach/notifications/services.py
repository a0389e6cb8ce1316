"""Use cases of notifications: take note of what happened, and tell each person in their own rhythm."""

from __future__ import annotations

import json
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation

from outreach.access import mail
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError
from outreach.core.words import gettext as _
from outreach.core.words import ngettext
from outreach.events.kinds import data_of
from outreach.events.models import Event
from outreach.events.services import follow
from outreach.jobs.services import enqueue
from outreach.notifications import quiet
from outreach.notifications.kinds import CHAT, MAIL, Line, NoticeKind, Seen, kinds
from outreach.notifications.models import Notice, Pace, Preferences
from outreach.web.addresses import locate
from outreach.web.services import caller

logger = structlog.get_logger(__name__)

FOLLOWER = "outreach.notifications.subscribers.on_event"
TASK = "outreach.notifications.tasks.tell"
SALT = "notifications off"
MOST_LINES = 10
"""Of one kind in one mail; the rest is a number."""
KEPT = timedelta(days=90)
RETRIED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Choice:
    """What a person entered."""

    mail: Mapping[str, bool]
    chat: Mapping[str, bool]
    pace: str = Pace.HOURLY
    daily_hour: int = 9
    is_quiet: bool = True
    quiet_from: int = 20
    quiet_until: int = 8
    chat_url: str | None = None
    """None keeps the one that is stored."""


def preferences_of(user: User) -> Preferences:
    """What a user chose, or the defaults."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


@transaction.atomic
def choose(*, user: User, choice: Choice) -> Preferences:
    """Keep what a user chose. Raises `Invalid` by field."""
    row = preferences_of(user)
    for name in ("daily_hour", "quiet_from", "quiet_until"):
        if not 0 <= getattr(choice, name) <= 23:
            raise Invalid(name, _("Enter an hour from 0 to 23."))
        setattr(row, name, getattr(choice, name))
    if choice.pace not in Pace.values:
        raise Invalid("pace", _("Unknown value “%(value)s”.") % {"value": choice.pace})
    row.pace, row.is_quiet, row.chat_error = choice.pace, choice.is_quiet, ""
    row.mail, row.chat = dict(choice.mail), dict(choice.chat)
    if choice.chat_url is not None:
        url = choice.chat_url.strip()
        if url and locate(url).scheme != "https":
            raise Invalid("chat_url", _("Use an https address."))
        row.set_chat_url(url)
    row.save()
    return row


def kinds_for(user: User) -> list[NoticeKind]:
    """The kinds that a user may hear of."""
    return [kind for kind in kinds().values() if user.has_role(kind.role)]


def follow_events() -> None:
    """Take the events that notices are made of from the log."""
    follow(FOLLOWER, {kind.event for kind in kinds().values() if kind.event})


def note_event(event: Event) -> int:
    """Make a notice of an event for everyone who wants it; idempotent. Returns how many are new or there already."""
    found = [kind for kind in kinds().values() if kind.event == event.kind]
    data = data_of(event.payload) if found else {}
    return sum(
        _note(kind, key=kind.key(data) if kind.key else str(event.pk), event=event, owner=_owner(kind, data))
        for kind in found
        if kind.line is not None and kind.line(data) is not None
    )


def look() -> int:
    """Ask the watches; what they found before is not told again."""
    return sum(_note(kind, key=seen.key, seen=seen) for kind in kinds().values() if kind.watch for seen in kind.watch())


def _owner(kind: NoticeKind, data: Mapping[str, Any]) -> int | None:
    return kind.owner(data) if kind.owner else None


def _note(
    kind: NoticeKind, *, key: str, event: Event | None = None, seen: Seen | None = None, owner: int | None = None
) -> int:
    users = User.objects.filter(is_active=True).select_related("notifications")
    rows = []
    for user in users.filter(pk=owner) if owner else users:
        chosen: Preferences = getattr(user, "notifications", None) or Preferences(user=user)
        by_mail, by_chat = bool(user.email) and chosen.wants(MAIL, kind), chosen.wants(CHAT, kind)
        if user.has_role(kind.role) and (by_mail or by_chat):
            rows.append(
                Notice(
                    user=user, kind=kind.name, key=key[:300], event=event, text=seen.text[:500] if seen else "",
                    path=seen.path if seen else "", mail_due=by_mail, chat_due=by_chat,
                )
            )  # fmt: skip
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        enqueue(TASK, key=TASK)
    return len(rows)


def tell_due() -> int:
    """Tell everyone what waits for them, if it is their time; returns how many messages left."""
    users = User.objects.filter(pk__in=Notice.objects.filter(Q(mail_due=True) | Q(chat_due=True)).values("user"))
    return sum(_tell(user, by_mail) for user in users for by_mail in (True, False))


def _tell(user: User, by_mail: bool) -> bool:
    """One digest of one way. It is marked as told before it leaves: rather lost in a crash than told twice."""
    row = preferences_of(user)
    local = clock.now().astimezone(zoneinfo.ZoneInfo(user.time_zone or "UTC"))
    rhythm = quiet.Rhythm(row.pace, row.daily_hour, row.is_quiet, row.quiet_from, row.quiet_until)
    last = row.mailed_at.astimezone(local.tzinfo) if row.mailed_at else None
    if by_mail and not (mail.can_send() and quiet.is_mail_due(rhythm, local=local, last=last)):
        return False
    if not by_mail and quiet.is_night(rhythm, local):
        return False
    flag = "mail_due" if by_mail else "chat_due"
    with transaction.atomic():
        due = user.notices.filter(**{flag: True}).select_for_update(skip_locked=True, of=("self",))
        notices = list(due.select_related("event").order_by("pk"))
        user.notices.filter(pk__in=[one.pk for one in notices]).update(**{flag: False, "told_at": clock.now()})
    with translation.override(user.language):
        groups = grouped(user, notices) if user.may_sign_in else []
    if not groups:
        return False
    try:
        _mail(user, groups, clock.now()) if by_mail else _chat(row, user, groups)
    except OutreachError as error:
        logger.warning("notifications.not_told", user=user.pk, way=flag, error=error.reason)
        fresh = user.notices.filter(created_at__gt=clock.now() - RETRIED_FOR)
        fresh.filter(pk__in=[one.pk for one in notices]).update(**{flag: True})
        if not by_mail:
            Preferences.objects.filter(pk=row.pk).update(chat_error=error.reason[:500])
        return False
    return True


def grouped(user: User, notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """What is still to tell, by kind, in the user's language: only what they may see by now."""
    known = {kind.name: kind for kind in kinds_for(user)}
    groups: dict[str, Any] = {}
    for notice in notices:
        kind = known.get(notice.kind)
        line = _line(kind, notice) if kind else None
        if kind and line:
            groups.setdefault(kind.name, {"label": str(kind.label), "lines": []})["lines"].append(line)
    return [
        {**group, "lines": group["lines"][:MOST_LINES], "more": max(0, len(group["lines"]) - MOST_LINES)}
        for group in groups.values()
    ]


def _line(kind: NoticeKind, notice: Notice) -> Line | None:
    if notice.event is None:
        return Line(notice.text, notice.path)
    return kind.line(data_of(notice.event.payload)) if kind.line else None


def title(groups: list[dict[str, Any]]) -> str:
    """The subject of a digest: the only thing there is, or how many."""
    count = sum(len(group["lines"]) + group["more"] for group in groups)
    if count == 1:
        return str(groups[0]["lines"][0].text)[:150]
    return ngettext("%(count)s notification", "%(count)s notifications", count) % {"count": count}


def _mail(user: User, groups: list[dict[str, Any]], now: datetime) -> None:
    with translation.override(user.language):
        subject = title(groups)
    off = off_path(user)
    mail.send(
        "notifications/mail/digest.txt",
        to=user.email,
        language=user.language,
        subject=subject,
        path=reverse("notifications:preferences"),
        headers={
            "List-Unsubscribe": f"<{settings.PUBLIC_BASE_URL}{off}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
        groups=groups,
        off_url=f"{settings.PUBLIC_BASE_URL}{off}",
    )
    Preferences.objects.update_or_create(user=user, defaults={"mailed_at": now})


def _chat(row: Preferences, user: User, groups: list[dict[str, Any]]) -> None:
    """One message in the user's own chat, as Slack and its kin read it."""
    lines = [f"*{title(groups)}*"] if sum(len(group["lines"]) for group in groups) > 1 else []
    for group in groups:
        lines += [f"{_plain(line.text)} {settings.PUBLIC_BASE_URL}{line.path}" for line in group["lines"]]
    content = json.dumps({"text": "\n".join(lines)}).encode()
    with caller() as fetcher:
        page = fetcher.send("POST", row.chat_url, content=content, headers={"Content-Type": "application/json"})
    if not 200 <= page.status < 300:
        raise Invalid("chat_url", f"HTTP {page.status}: {page.text[:200]}")
    Preferences.objects.filter(pk=row.pk).update(chat_error="")


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def off_path(user: User) -> str:
    """The path of the link that ends mail to a user, without signing in."""
    return reverse("notifications:off", args=[signing.dumps(user.pk, salt=SALT)])


def user_of(token: str) -> User | None:
    """The user behind such a link."""
    try:
        return User.objects.filter(pk=signing.loads(token, salt=SALT), is_active=True).first()
    except signing.BadSignature:
        return None


@transaction.atomic
def stop_mail(*, user: User) -> None:
    """No more mail of any kind, also of those that come later."""
    row = preferences_of(user)
    row.mail = {kind.name: False for kind in kinds().values()}
    row.save()
    user.notices.filter(mail_due=True).update(mail_due=False)


def forget_old() -> int:
    """Delete old notices."""
    return Notice.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
