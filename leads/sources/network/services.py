"""Accounts on a network: add, sign in, stop and resume; search and read profiles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from leads.sources.network import links, pacing, profiles, sessions, totp
from leads.sources.network.errors import Trouble, Unavailable
from leads.sources.network.models import ACCOUNT, PROFILE, NetworkAccount, NetworkProfile
from leads.sources.network.seen import Results
from outreach.core import clock, secrets
from outreach.core.audit import record
from outreach.core.errors import Invalid, Permanent, Refused, Retryable
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.services import enqueue
from outreach.limits import services as limits
from outreach.limits.calendars import parse_window, parse_zone
from outreach.web.addresses import is_local_site, locate
from outreach.web.politeness import fetcher

if TYPE_CHECKING:
    from leads.sources.network.tab import Tab

NUMBERS = {
    "views_a_day": (1, 500),
    "searches_a_day": (1, 200),
    "invitations_a_day": (1, 100),
    "invitations_a_week": (1, 400),
    "gap_seconds": (0, 86_400),
    "note_limit": (0, 2_000),
}
"""Bounds of the account's limits: what a person could do by hand."""
EDITABLE = ("name", "base_url", "username", "own_public_id", "fills_gaps", "time_zone", "working_hours", *NUMBERS)
SIGN_IN = "leads.sources.network.tasks.sign_in"


# accounts


def add_account(
    *,
    name: str,
    base_url: str,
    username: str,
    password: str,
    accepts_terms: bool,
    actor: Actor,
    totp_secret: str = "",
    **values: Any,
) -> NetworkAccount:
    """An account that is not signed in yet. Raises `Invalid` naming the field.

    `accepts_terms`: somebody read what automating an account means under the terms of its network, and decided.
    """
    if not accepts_terms:
        raise Invalid(
            "accepts_terms",
            _("Confirm that you have read what the network's terms say about automating an account."),
            code="terms",
        )
    account = NetworkAccount(name=name.strip(), base_url=base_url.strip().rstrip("/"), username=username.strip())
    _assign(account, values)
    account.terms_accepted_at, account.terms_accepted_by = clock.now(), actor.name
    _set_credentials(account, password, totp_secret)
    if not password:
        raise Invalid("password", _("Enter the account's password."), code="missing")
    _check(account)
    return _save(account, actor, "network.account_added")


def update_account(
    *, account: NetworkAccount, actor: Actor, password: str = "", totp_secret: str = "", **values: Any
) -> NetworkAccount:
    """Change an account; empty secrets keep their value. Another login deletes the stored session."""
    before = (account.base_url, account.username)
    _assign(account, values)
    is_reconnected = bool(password or totp_secret) or (account.base_url, account.username) != before
    kept = account.credentials
    _set_credentials(
        account, password or str(kept.get("password", "")), totp_secret or str(kept.get("totp_secret", ""))
    )
    _check(account)
    if is_reconnected:
        account.session_token, account.code_token = "", ""
    with transaction.atomic():
        _save(account, actor, "network.account_changed")
        if is_reconnected and ACCOUNT.allows(account.state, "signed_out"):
            changes = {"state_reason": _("The login has changed. Sign in again."), "state_code": ""}
            ACCOUNT.move(account, "signed_out", actor=actor, reason=_("The sign-in was changed."), changes=changes)
    return account


def _assign(account: NetworkAccount, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in EDITABLE:
            raise Invalid(name, _("This cannot be changed."), code="unknown_field")
        setattr(account, name, value.strip() if isinstance(value, str) else value)


def _set_credentials(account: NetworkAccount, password: str, totp_secret: str) -> None:
    if totp_secret:
        totp.key(totp_secret)
    account.credentials_token = secrets.encrypt({"password": password, "totp_secret": totp_secret})


def _check_place(url: str) -> None:
    """Refuse an address of our own machine or network at once; names are checked at each connection."""
    place = locate(url)
    if is_local_site(place.host, place.port):
        return
    if place.host == "localhost" or ":" in place.host or place.host.rpartition(".")[2].isdecimal():
        try:
            with fetcher() as rules:
                rules.addresses(place.host, place.port)
        except Permanent as error:
            raise Invalid("base_url", error.reason, code=error.code) from error


def _check(account: NetworkAccount) -> None:
    if not account.name:
        raise Invalid("name", _("Enter a name for the account."), code="missing")
    account.base_url = account.base_url.rstrip("/")
    if not re.fullmatch(r"https?://[\w.:\[\]-]+", account.base_url):
        raise Invalid("base_url", _("Enter a URL such as https://example.com:8443."), code="malformed")
    _check_place(account.base_url)
    if not account.username:
        raise Invalid("username", _("Enter the account's sign-in name."), code="missing")
    if account.own_public_id:
        own = links.public_id_of(account.own_public_id, base_url=account.base_url)
        account.own_public_id = own or account.own_public_id.casefold()
    for name, (least, most) in NUMBERS.items():
        value = getattr(account, name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Invalid(
                name,
                _("Enter a whole number between %(least)s and %(most)s.") % {"least": least, "most": most},
                code="out_of_range",
            )
    parse_zone(account.time_zone)
    parse_window(account.working_hours, field="working_hours")


def _save(account: NetworkAccount, actor: Actor, action: str) -> NetworkAccount:
    try:
        with transaction.atomic():
            account.save()
            record(action, subject=account, actor=actor)
    except IntegrityError as error:
        raise Invalid("name", _("An account with this name or login already exists."), code="taken") from error
    return account


def request_sign_in(*, account: NetworkAccount, actor: Actor) -> None:
    """Have a worker sign in. Raises `Refused` for an account that is stopped or paused."""
    if account.state not in ACCOUNT.signing_in:
        raise Refused(account.state_reason or _("This account is paused."), code="account_not_working")
    with transaction.atomic():
        record("network.sign_in_requested", subject=account, actor=actor)
        enqueue(SIGN_IN, account.pk, lane="web", priority=10, key=f"network.sign_in:{account.pk}", timeout_seconds=300)


def sign_in(*, account: NetworkAccount) -> str:
    """Sign in, or confirm that the stored session is still valid; returns one sentence. Raises `Trouble` and `Refused`."""
    if account.state not in ACCOUNT.signing_in:
        raise Refused(account.state_reason or _("This account is paused."), code="account_not_working")
    code = str(secrets.decrypt(account.code_token)) if account.code_token else ""
    if code:
        NetworkAccount.objects.filter(pk=account.pk).update(code_token="")  # a code is tried once
    with sessions.opened(account.pk) as session:
        own, has_signed_in = session.run(lambda tab: (tab.sign_in(), tab.has_signed_in), code=code)
    account.refresh_from_db()
    host = links.host_of(account.base_url)
    if has_signed_in:
        return _("Signed in at %(host)s as %(who)s.") % {"host": host, "who": own or account.username}
    return _("The stored session at %(host)s is valid; it belongs to %(who)s.") % {
        "host": host,
        "who": own or account.username,
    }


def enter_code(*, account: NetworkAccount, code: str, actor: Actor) -> None:
    """Hand the site's code, which only a person has, to the worker that signs in."""
    text = "".join(code.split())
    if not re.fullmatch(r"[0-9A-Za-z]{4,12}", text):
        raise Invalid("code", _("A code consists of four to twelve digits or letters."), code="malformed")
    if not account.needs_code:
        raise Refused(_("The site has not asked for a code."), code="no_code_wanted")
    NetworkAccount.objects.filter(pk=account.pk).update(code_token=secrets.encrypt(text))
    account.refresh_from_db()
    request_sign_in(account=account, actor=actor)


def pause(*, account: NetworkAccount, actor: Actor, reason: str = "") -> None:
    """Open nothing with this account until someone resumes it."""
    ACCOUNT.move(account, "paused", actor=actor, reason=reason, changes={"state_reason": reason, "state_code": ""})


def resume(*, account: NetworkAccount, actor: Actor, reason: str = "") -> None:
    """Resume a paused or stopped account after a person has checked it: it signs in again."""
    changes = {"state_reason": "", "state_code": "", "limited_until": None}
    with transaction.atomic():
        ACCOUNT.move(account, "signed_out", actor=actor, reason=reason, changes=changes)
        request_sign_in(account=account, actor=actor)


def forget_session(*, account: NetworkAccount, actor: Actor) -> None:
    """Delete the stored cookies."""
    with transaction.atomic():
        NetworkAccount.objects.filter(pk=account.pk).update(session_token="", session_saved_at=None)
        record("network.session_forgotten", subject=account, actor=actor)
        account.refresh_from_db()
        if account.state in ACCOUNT.entered:
            ACCOUNT.move(account, "signed_out", actor=actor, changes={"state_reason": ""})


def require_working(account: NetworkAccount) -> None:
    """Raises `Refused` with the reason when the account may not open the site by itself now."""
    if account.state not in ACCOUNT.working:
        label = ACCOUNT.states[account.state].label
        raise Refused(
            _("The account “%(name)s” is not working: %(state)s. %(reason)s")
            % {"name": account.name, "state": label, "reason": account.state_reason},
            code="account_not_working",
        )


def wait_turn(account: NetworkAccount, action: str) -> None:
    """Count one action. Raises `Retryable` (`wait_for_turn`) with the wait when it is not its turn."""
    if wait := pacing.take(account, action, clock.now()):
        raise Retryable(wait.reason, after=wait.after, code="wait_for_turn")


# people


@dataclass(frozen=True)
class Found:
    """The result of a search: people on the pages, new ones, and whether more pages follow."""

    seen_count: int
    new: tuple[NetworkProfile, ...]
    has_next: bool


def search(*, account: NetworkAccount, keywords: str, page: int = 1) -> Found:
    """One page of people search; who is new becomes a discovered lead. Raises `Refused`, `Retryable` and `Trouble`."""
    if not keywords.strip():
        raise Invalid("keywords", _("Enter what to search for."), code="missing")
    require_working(account)
    wait_turn(account, pacing.SEARCH)
    with sessions.opened(account.pk) as session:
        results: Results = session.run(lambda tab: _searched(tab, keywords, page))
    met = [profiles.discover(account=account, card=card, found_on="/search/people") for card in results.cards]
    return Found(len(results.cards), tuple(profile for profile in met if profile), results.has_next)


def _searched(tab: Tab, keywords: str, page: int) -> Results:
    results = tab.search(keywords, page)
    for card in results.cards:  # the cards say more than their links
        tab.discovered.pop(card.public_id, None)
    return results


def read_profile(*, profile: NetworkProfile, account: NetworkAccount | None = None) -> NetworkProfile:
    """Open a profile, keep its JSON, fill in the lead. Raises `Refused`, `Retryable`, `Trouble`, `Invalid`."""
    account = account or profile.account
    if account is None:
        raise Refused(_("No account has found this profile."), code="no_account")
    require_working(account)
    public_id = links.public_id_of_identity(profile.address, base_url=account.base_url)
    if not public_id:
        raise Refused(_("This profile is on a different site from the account."), code="other_site")
    wait_turn(account, pacing.VIEW)
    try:
        with sessions.opened(account.pk) as session:
            body = session.run(lambda tab: tab.profile(public_id))
        profiles.enrich(profile=profile, account=account, body=body)
    except Unavailable as error:
        profiles.could_not_read(profile, error, is_final=True)
        raise
    except Invalid as error:
        profiles.could_not_read(profile, error)
        raise
    profile.refresh_from_db()
    return profile


FILL_FLOOR = timedelta(seconds=1)


def fill_gap(*, account: NetworkAccount) -> NetworkProfile | None:
    """Read one discovered profile if this is a gap; None when there is none to read or no time for it."""
    now = clock.now()
    due = NetworkProfile.objects.filter(account=account, state=PROFILE.DISCOVERED, next_look_at__lte=now)
    waiting = list(due.order_by("next_look_at", "id")[:50])
    if not waiting or not account.is_ready or (account.next_major_at and account.next_major_at <= now):
        return None
    try:
        found = read_profile(profile=waiting[0], account=account)
    except (Retryable, Trouble, Refused, Invalid):
        return None
    account.refresh_from_db()
    after = pacing.gap_fill_after(
        now=now, next_major_at=account.next_major_at, work_count=len(waiting) - 1, floor=FILL_FLOOR
    )
    _spread(account, after)
    return found


def _spread(account: NetworkAccount, after: timedelta) -> None:
    """Share what is left of the gap out over the profiles that wait."""
    if after > FILL_FLOOR and account.next_major_at is not None:
        until = min(clock.now() + after, account.next_major_at)
        limits.hold_off(pacing.key(account.pk), until)


def fill_gaps() -> int:
    """One pass over accounts that read profiles between other work; returns how many were read."""
    accounts = NetworkAccount.objects.filter(state=ACCOUNT.READY, fills_gaps=True)
    return sum(fill_gap(account=account) is not None for account in accounts)
