"""Where people are signed in: sessions in the database that know their user, browser and network address.

`settings.SESSION_ENGINE` is this module. A session is listed on its user's profile and ends when its row is deleted.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY, login
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import F, QuerySet
from django.http import HttpRequest

from outreach.access.attempts import network_address
from outreach.access.models import Session, User
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.models import Actor
from outreach.core.words import gettext as _

SEEN_PRECISION = timedelta(minutes=5)
"""How exactly the last use of a session is known: one UPDATE a request would be wasted."""
_DEVICE = "device"


class SessionStore(DatabaseStore):
    """Django's database sessions with a few columns of their content beside it."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        device = data.get(_DEVICE, {})
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.agent, row.network_address = device.get("agent", ""), device.get("address", "")
        row.started_at, row.seen_at = (_moment(device.get(name)) for name in ("started_at", "seen_at"))
        return row


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def begin(request: HttpRequest, user: User, *, time_zone: str = "") -> None:
    """Sign `user` in on this browser; the first time, its time zone becomes the user's."""
    login(request, user)
    now = clock.now().isoformat()
    request.session[_DEVICE] = {
        "agent": request.headers.get("User-Agent", "")[:300],
        "address": network_address(request),
        "started_at": now,
        "seen_at": now,
    }
    if time_zone and not user.time_zone:
        user.time_zone = time_zone
        user.save(update_fields=["time_zone"])


def note_use(request: HttpRequest) -> None:
    """Remember that this session is in use, every few minutes."""
    device = request.session.get(_DEVICE)
    now = clock.now()
    if device and now - datetime.fromisoformat(device["seen_at"]) > SEEN_PRECISION:
        request.session[_DEVICE] = {**device, "seen_at": now.isoformat()}


def sessions_of(user: User) -> QuerySet[Session]:
    """The sessions in which `user` is signed in now, the last used first."""
    return user.sessions.filter(expire_date__gt=clock.now()).order_by(F("seen_at").desc(nulls_last=True))


def end(*, user: User, keys: QuerySet[Session], actor: Actor) -> int:
    """Sign `user` out of some of their sessions; how many there were."""
    count, _rows = keys.filter(user=user).delete()
    if count:
        record("user.sessions_ended", subject=user, actor=actor, data={"count": count})
    return count


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def device_name(agent: str) -> str:
    """“Chrome on macOS” out of a User-Agent; the first product it names when nothing better is known."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or re.split(r"[/ ]", agent)[0] or _("Unknown device")
