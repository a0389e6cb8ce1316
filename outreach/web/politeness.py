"""Crawling etiquette for every adapter: robots.txt, a pace per host and overall, back-off, and stopping when a site refuses.

The pace and what is known of a host are rows that all workers on all machines share. Nothing here waits long: when it
is not our turn, `Retryable` `wait_for_turn` says when to come again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction

from outreach.core import clock
from outreach.core.errors import Invalid, Permanent, Retryable
from outreach.core.words import gettext as _
from outreach.limits import circuit
from outreach.limits.buckets import Rate, Share
from outreach.limits.services import take_tokens
from outreach.web import challenges, robots
from outreach.web.addresses import RESERVED_HOSTS, Location, locate, networks
from outreach.web.fetching import Bounds, Fetcher, Page
from outreach.web.models import Host

ALL = "web:all"
ROBOTS_RETRY = timedelta(minutes=10)
"""How soon a robots.txt that could not be reached is asked for again."""
LONGEST_REST = timedelta(hours=6)
"""A Retry-After beyond this is taken as this."""
SHORT_WAIT = 5.0
"""Seconds that a redirect may wait for its turn within one visit."""


class Blocked(Permanent):
    """The site refuses: forbidden, too many requests, a challenge. The crawl stops."""

    code = "blocked"


class Visitor:
    """Fetches pages politely over connections that it keeps. For one thread; use it as a context."""

    def __init__(self) -> None:
        self._fetcher = fetcher()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._fetcher.close()

    def get(self, url: str, *, bounds: Bounds | None = None, headers: Mapping[str, str] | None = None) -> Page:
        """One page, redirects followed, each hop checked and paced.

        Raises `Invalid` for what is no web address; `Retryable` (`wait_for_turn`, `host_spared`, `robots_unreachable`,
        `server_error`, `timeout`, `unreachable`); `Blocked` (`forbidden`, `too_many_requests`, `challenge`); `Permanent`
        (`robots_forbidden`, `redirects`, `address_not_allowed`, `too_large`, …). Other statuses come back as they are.
        """
        bounds = bounds or default_bounds()
        history: list[str] = []
        while True:
            location = locate(url)
            self._may(location)
            take_turn(location.origin, self._delay(location), patience=SHORT_WAIT if history else 0.0)
            page = self._ask(location, bounds, headers)
            if not page.location:
                return replace(page, history=tuple(history))
            history.append(url)
            url = _next(page, history)

    def rules(self, location: Location) -> robots.Rules:
        """The host's robots.txt, asked for at most once a day."""
        row = Host.objects.filter(origin=location.origin).first()
        now = clock.now()
        if row is not None and row.robots_at and row.robots_status is not None:
            rules = robots.Rules(row.robots_status, row.robots_text)
            age = timedelta(hours=settings.OUTREACH.fetching.robots_cache_hours) if rules.is_reached else ROBOTS_RETRY
            if row.robots_at > now - age:
                return rules
        rules = self._fetch_rules(location)
        Host.objects.update_or_create(
            origin=location.origin,
            defaults={"robots_text": rules.text, "robots_status": rules.status, "robots_at": now},
        )
        return rules

    def _fetch_rules(self, location: Location) -> robots.Rules:
        """RFC 9309: five redirects, the first 512 KiB; a fault of the network counts as a fault of the server."""
        url = f"{location.origin}/robots.txt"
        bounds = Bounds(max_bytes=robots.MAX_BYTES, timeout=default_bounds().timeout, cuts=True)
        try:
            for _hop in range(6):
                take_turn(locate(url).origin, timedelta(), patience=SHORT_WAIT if _hop else 0.0)
                page = self._fetcher.get(url, headers={"Accept": "text/plain,*/*;q=0.5"}, bounds=bounds)
                if not page.location:
                    return robots.Rules(page.status, _stored(page.body) if page.status < 400 else "")
                url = urljoin(url, page.location)
        except Retryable as error:
            if error.code in {"wait_for_turn", "proxy"}:
                raise
            return robots.Rules(0)
        except Permanent as error:
            if error.code in {"address_not_allowed", "host_unknown"} and url.startswith(location.origin):
                raise
            return robots.Rules(0)
        except Invalid:
            return robots.Rules(404)
        return robots.Rules(404)

    def _may(self, location: Location) -> None:
        """Raises when the host is spared now or its robots.txt says no."""
        refuse_while_paused(location.origin)
        rules = self.rules(location)
        if not rules.is_reached:
            raise Retryable(
                _("%(host)s does not serve its robots.txt right now. It will not be crawled until it does.")
                % {"host": location.host},
                after=ROBOTS_RETRY,
                code="robots_unreachable",
            )
        if not rules.allows(location.url, product()):
            raise Permanent(
                _("The robots.txt of %(host)s disallows %(url)s.") % {"host": location.host, "url": location.url},
                code="robots_forbidden",
            )

    def _delay(self, location: Location) -> timedelta:
        return timedelta(seconds=self.rules(location).delay_seconds(product()))

    def _ask(self, location: Location, bounds: Bounds, headers: Mapping[str, str] | None) -> Page:
        """One exchange; the result is recorded for all workers."""
        try:
            page = self._fetcher.get(location.url, bounds=bounds, headers=headers)
        except Retryable as error:
            if error.code != "proxy":  # ours, and no fault of the host
                _note_failure(location.origin, error.reason)
            raise
        rest = retry_after(page.headers.get("retry-after", ""), clock.now())
        challenge = challenges.find(page.status, page.headers, page.body)
        if page.status in {403, 429, 401} or challenge:
            raise _blocked(location, page.status, challenge, rest)
        if page.status >= 500:
            reason = _("%(host)s returned a server error (%(status)s).") % {
                "host": location.host, "status": page.status,
            }  # fmt: skip
            _note_failure(location.origin, reason, until=clock.now() + rest if rest else None)
            raise Retryable(reason, after=rest or timedelta(minutes=1), code="server_error")
        _note_success(location.origin)
        return page


def _blocked(location: Location, status: int, challenge: str, rest: timedelta) -> Blocked:
    """Record that the host refuses, and raise."""
    gaps = {"host": location.host, "challenge": challenge, "status": status}
    if status == 429:
        reason, code = _("%(host)s reports too many requests (429). The crawl was stopped.") % gaps, "too_many_requests"
    elif challenge:
        reason, code = (
            _("%(host)s asks for proof of a human visitor: %(challenge)s. The crawl was stopped.") % gaps,
            "challenge",
        )
    else:
        reason, code = _("%(host)s denied access to this page (%(status)s). The crawl was stopped.") % gaps, "forbidden"
    _note_failure(location.origin, reason, until=clock.now() + rest if rest else None)
    return Blocked(reason, code=code)


def _next(page: Page, history: list[str]) -> str:
    url = urljoin(page.url, page.location)
    if url in history or len(history) > settings.OUTREACH.fetching.max_redirects:
        raise Permanent(_("%(url)s redirects in a loop.") % {"url": history[0]}, code="redirects")
    return url


def _stored(body: bytes) -> str:
    return body.decode("utf-8-sig", "replace").replace("\x00", "")


def fetcher() -> Fetcher:
    """A fetcher as the configuration wants it."""
    policy = settings.OUTREACH.fetching
    return Fetcher(
        agent=agent(),
        allowed_networks=tuple(networks(policy.allowed_networks)),
        proxies=tuple(policy.proxies),
        places={name: place() for name, place in RESERVED_HOSTS.items()},
        keeps_cookies=policy.keep_sessions,
    )


def default_bounds() -> Bounds:
    """Size and time as the configuration wants them."""
    policy = settings.OUTREACH.fetching
    return Bounds(max_bytes=int(policy.max_megabytes * 1024 * 1024), timeout=timedelta(seconds=policy.timeout_seconds))


def product() -> str:
    """The name that robots.txt files call us by."""
    return str(settings.OUTREACH.fetching.agent)


def agent() -> str:
    """The User-Agent: who asks, and where to complain."""
    contact = settings.OUTREACH.fetching.contact or settings.PUBLIC_BASE_URL
    return f"{product()}/1.0 (+{contact})"


def take_turn(origin: str, delay: timedelta, *, patience: float = 0.0) -> None:
    """Take one request from the pace of the host and from everybody's. Raises `Retryable` `wait_for_turn`."""
    policy = settings.OUTREACH.fetching
    per_second = policy.requests_per_second_per_host
    if delay:
        per_second = min(per_second, 1 / delay.total_seconds())
    shares = [
        Share(f"web:{origin}", 1, Rate(per_second, max(1.0, min(per_second, policy.burst_per_host)))),
        Share(ALL, 1, Rate(policy.requests_per_second, max(1.0, policy.requests_per_second))),
    ]
    ends_at = time.monotonic() + patience
    while True:
        short = take_tokens(shares, clock.now())
        if short is None:
            return
        _share, wait = short
        if time.monotonic() + wait.total_seconds() > ends_at:
            raise Retryable(_("Waiting for the next free slot."), after=wait, code="wait_for_turn")
        time.sleep(wait.total_seconds())


def refuse_while_paused(origin: str) -> None:
    """Raises `Retryable` `host_spared` while requests are paused after faults; at the end of a pause one worker probes."""
    row = Host.objects.filter(origin=origin).first()
    if row is None:
        return
    now = clock.now()
    match circuit.decide(circuit.Snapshot(row.failures, row.opened_until), now=now):
        case circuit.Decision.ASK:
            return
        case circuit.Decision.PROBE:
            claimed = Host.objects.filter(pk=row.pk, opened_until=row.opened_until)
            if claimed.update(opened_until=now + circuit.PROBE_LEASE):
                return
            until = now + circuit.PROBE_LEASE
        case circuit.Decision.SPARE:
            until = row.opened_until or now
    raise Retryable(
        _("Requests to %(host)s are paused for a while: %(reason)s") % {"host": origin, "reason": row.last_error},
        after=max(timedelta(seconds=1), until - now),
        code="host_spared",
    )


def _note_failure(origin: str, reason: str, *, until: datetime | None = None) -> None:
    with transaction.atomic():
        Host.objects.get_or_create(origin=origin)
        row = Host.objects.select_for_update().get(origin=origin)
        after = circuit.after_failure(circuit.Snapshot(row.failures, row.opened_until), now=clock.now())
        row.failures, row.last_error = after.failures, reason[:500]
        row.opened_until = max(filter(None, (after.opened_until, until)), default=None)
        row.save(update_fields=["failures", "opened_until", "last_error", "updated_at"])


def _note_success(origin: str) -> None:
    Host.objects.filter(origin=origin).exclude(failures=0, opened_until=None).update(
        failures=0, opened_until=None, last_error=""
    )


def resume_requests(origin: str) -> bool:
    """Resume requests to a paused host at once and re-read its robots.txt; returns whether we know the host."""
    return bool(
        Host.objects.filter(origin=origin).update(
            failures=0, opened_until=None, last_error="", robots_at=None, robots_status=None
        )
    )


def retry_after(text: str, now: datetime) -> timedelta:
    """How long a Retry-After header asks to wait: seconds or a date; zero for none or nonsense."""
    text = text.strip()
    if text.isdecimal():
        return min(timedelta(seconds=int(text[:8])), LONGEST_REST)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return timedelta()
    wait = (at if at.tzinfo else at.replace(tzinfo=now.tzinfo)) - now
    return min(max(wait, timedelta()), LONGEST_REST)
