"""An account's window, held by one worker at a time; its session is stored encrypted and its problems are recorded."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from django.conf import settings
from django.db import connection, transaction

from leads.sources.network import profiles
from leads.sources.network.browser import Window, browser
from leads.sources.network.errors import (
    Busy,
    Challenged,
    CodeNeeded,
    CredentialsRefused,
    Interrupted,
    Limited,
    Trouble,
    Unexpected,
    Unreachable,
)
from leads.sources.network.models import ACCOUNT, NetworkAccount
from outreach.core import clock, secrets
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish

if TYPE_CHECKING:
    from leads.sources.network.tab import Tab

logger = structlog.get_logger(__name__)

T = TypeVar("T")
ACTOR = Actor.system("network")
LOCK_SPACE = 8
WAIT_SECONDS = 20.0
WORK_SECONDS = 240.0
"""Longer than all of Playwright's own time limits of one piece of work together."""


class AccountSession:
    """An account whose window is ours for the length of the block."""

    def __init__(self, account: NetworkAccount) -> None:
        self.account = account

    def run(self, work: Callable[[Tab], T], *, code: str = "", seconds: float = WORK_SECONDS) -> T:
        """Do `work` on the account's page. Raises `Trouble`, after it was written down what follows for the account."""
        from leads.sources.network import site_page, tab

        account = self.account
        credentials = account.credentials
        access = site_page.Access(
            base_url=account.base_url,
            username=account.username,
            password=str(credentials.get("password") or ""),
            totp_secret=str(credentials.get("totp_secret") or ""),
            code=code,
            own_public_id=account.own_public_id,
            keystroke_milliseconds=settings.OUTREACH.network.keystroke_milliseconds,
        )
        window = Window(account.pk, version(account), account.storage, account.time_zone)

        def on_page(page: Any) -> tuple[T | None, Trouble | None, Tab]:
            opened = tab.Tab(page, access, now=clock.now)
            try:
                return work(opened), None, opened
            except Trouble as trouble:
                return None, trouble, opened

        try:
            (value, trouble, opened), storage = browser().call(window, on_page, seconds=seconds)
        except Trouble:
            raise
        except Exception as error:
            logger.warning("network.browser_lost", account=account.pk, error=f"{type(error).__name__}: {error}"[:500])
            reason = _("The browser was lost: %(error)s") % {"error": f"{type(error).__name__}: {error}"[:300]}
            raise Interrupted(reason, code="browser_lost") from error
        self._keep(storage, opened)
        if opened.is_inside and account.state in ACCOUNT.signing_in and not account.is_ready:
            _move(account, "ready", "", "")
        if trouble is not None:
            note_trouble(account, trouble)
            raise trouble
        return value  # type: ignore[return-value]

    def _keep(self, storage: dict[str, Any], tab: Tab) -> None:
        """Store the session if it changed, and create the people that pages linked to."""
        account = self.account
        changes: dict[str, Any] = {}
        if storage != account.storage:
            changes |= {"session_token": secrets.encrypt(storage), "session_saved_at": clock.now()}
        if tab.own_public_id and tab.own_public_id != account.own_public_id:
            changes["own_public_id"] = tab.own_public_id
        if changes:
            NetworkAccount.objects.filter(pk=account.pk).update(**changes)
            for name, value in changes.items():
                setattr(account, name, value)
            browser().remember(account.pk, version(account))
        if tab.discovered:
            profiles.meet(account=account, found=tab.discovered, found_on=tab.found_on)


def version(account: NetworkAccount) -> str:
    """The session's version: windows of other workers with another version are reopened."""
    return hashlib.sha256(account.session_token.encode()).hexdigest()[:16]


@contextmanager
def opened(account_id: int, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[AccountSession]:
    """The account's window for the length of the block. Raises `Busy` when another worker keeps it for too long."""
    give_up = time.monotonic() + wait_seconds
    while not _try_lock(account_id):
        if time.monotonic() >= give_up:
            raise Busy(_("Another worker is using this account. Try again in a minute."))
        time.sleep(0.25)
    try:
        yield AccountSession(NetworkAccount.objects.get(pk=account_id))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, account_id])


def _try_lock(account_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, account_id])
        return bool(cursor.fetchone()[0])


def note_trouble(account: NetworkAccount, trouble: Trouble) -> None:
    """The consequence for the account: it stops, asks for a code, waits, or nothing."""
    if isinstance(trouble, Limited):
        until = clock.now() + trouble.after
        NetworkAccount.objects.filter(pk=account.pk).update(limited_until=until, state_reason=trouble.reason[:1000])
        account.limited_until, account.state_reason = until, trouble.reason
        publish("network.limited", account_id=account.pk, reason=trouble.reason[:300])
    elif isinstance(trouble, CodeNeeded):
        _move(account, "needs_code", trouble.reason, trouble.code)
    elif isinstance(trouble, Challenged | CredentialsRefused) or trouble.code == "challenge":
        _move(account, "stopped", trouble.reason, trouble.code)
    elif isinstance(trouble, Unexpected | Unreachable | Interrupted):
        NetworkAccount.objects.filter(pk=account.pk).update(state_reason=trouble.reason[:1000])
        account.state_reason = trouble.reason


def _move(account: NetworkAccount, to: str, reason: str, code: str) -> None:
    changes = {"state_reason": reason[:1000], "state_code": code}
    with transaction.atomic():
        if account.state == to:
            NetworkAccount.objects.filter(pk=account.pk).update(**changes)
            account.state_reason, account.state_code = reason, code
            return
        ACCOUNT.move(account, to, actor=ACTOR, reason=reason[:300], changes=changes)
        if to in ACCOUNT.asking:
            publish("network.stopped", account_id=account.pk, code=code, reason=reason[:300])
