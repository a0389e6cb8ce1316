"""The professional network as a source of crawl jobs: pages of people search, then profiles.

An order names the account (`options: {"account": name or id, "profiles": true}`) and keywords; seeds may be addresses of
profiles or of result pages. Pace and limits are the account's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import orjson
from django.utils.translation import gettext_lazy

from leads.sources.base import Found, Order, Session, Stop, Target, Unreadable, Visit
from leads.sources.features import Features
from leads.sources.network import links, pacing, parsing, profiles, services, sessions
from leads.sources.network.errors import Busy, Interrupted, Limited, Trouble, Unavailable, Unexpected, Unreachable
from leads.sources.network.models import NetworkAccount
from leads.sources.network.seen import Card, Results
from outreach.core.errors import Invalid, Permanent, Refused, Retryable
from outreach.core.words import gettext as _

if TYPE_CHECKING:
    from leads.sources.models import CrawlJob, RawRecord
    from leads.sources.network.tab import Tab

SEARCH, PROFILE = "search", "profile"


class NetworkSource:
    """Implements `leads.sources.base.Adapter`."""

    name = profiles.ADAPTER
    label = gettext_lazy("Professional network")
    version = profiles.VERSION
    bite = timedelta(seconds=90)

    def targets(self, order: Order) -> list[Target]:
        account = account_of(order.options)
        base, reads = account.base_url, bool(order.options.get("profiles"))
        data = {"pages": order.pages, "profiles": reads}
        found = []
        for words in order.keywords:
            text = " ".join([words, *order.locations]).strip()
            found.append(_results(base, text, 1, data))
        for seed in order.seeds:
            public_id = links.public_id_of(seed, base_url=base)
            keywords = parse_qs(urlsplit(seed).query).get("keywords", [""])[0]
            if public_id and public_id != account.own_public_id:
                found.append(_profile(base, public_id))
            elif keywords and links.host_of(seed) == links.host_of(base):
                found.append(_results(base, keywords, 1, data))
            else:
                raise Invalid(
                    "seeds",
                    _("“%(seed)s” is neither a profile nor a page of results of %(host)s.")
                    % {"seed": seed[:100], "host": links.host_of(base)},
                    code="seed_unknown",
                )
        if not found:
            raise Invalid("keywords", _("Enter what to search for, or give profiles as seeds."), code="missing")
        return found

    @contextmanager
    def session(self, job: CrawlJob) -> Iterator[Session]:
        try:
            account = account_of(job.options)
            services.require_working(account)
        except Refused as error:
            raise Stop(error.reason, code=error.code) from error
        try:
            with sessions.opened(account.pk, wait_seconds=2) as session:
                yield NetworkSession(session)
        except Busy as error:
            raise Retryable(error.reason, after=timedelta(seconds=20), code="session_busy") from error

    def read(self, record: RawRecord) -> Features | None:
        base = f"{urlsplit(record.url).scheme}://{urlsplit(record.url).netloc}"
        if record.media_type == profiles.CARD:
            return profiles.card_features(Card(**orjson.loads(record.content())), base_url=base)
        try:
            return profiles.profile_features(parsing.parse_json(record.content()), base_url=base)
        except Invalid as error:
            raise Unreadable(error.reason, code=error.code) from error


class NetworkSession:
    """Implements `leads.sources.base.Session` in the account's window."""

    def __init__(self, session: sessions.AccountSession) -> None:
        self._session = session
        self._account = session.account

    def visit(self, target: Target) -> Visit:
        action = pacing.SEARCH if target.kind == SEARCH else pacing.VIEW
        services.wait_turn(self._account, action)
        try:
            if target.kind == SEARCH:
                return self._search(target)
            return self._profile(target)
        except Limited as error:
            raise Retryable(error.reason, after=error.after, code="wait_for_turn") from error
        except Unavailable as error:
            raise Permanent(error.reason, code=error.code) from error
        except Unexpected as error:
            raise Unreadable(error.reason, code=error.code) from error
        except (Unreachable, Interrupted) as error:
            raise Retryable(error.reason, after=timedelta(minutes=2), code=error.code) from error
        except Trouble as error:
            raise Stop(error.reason, code=error.code) from error

    def _search(self, target: Target) -> Visit:
        words = str(target.data.get("keywords", ""))
        results: Results = self._session.run(lambda tab: _searched(tab, words, target.number))
        base = self._account.base_url
        addresses = {links.identity_address(card.public_id, base_url=base): card for card in results.cards}
        met = profiles.known(addresses)
        new = {address: card for address, card in addresses.items() if address not in met}
        found = [
            Found(
                profiles.SOURCE,
                address,
                links.profile_url(card.public_id, base_url=base),
                profiles.CARD,
                orjson.dumps(asdict(card)),
                profiles.card_features(card, base_url=base),
            )
            for address, card in new.items()
        ]
        targets = [_profile(base, card.public_id) for card in new.values()] if target.data.get("profiles") else []
        if results.has_next and target.number < int(target.data.get("pages", 1)):
            targets.append(_results(base, words, target.number + 1, dict(target.data)))
        return Visit(found=found, targets=targets, remark="people" if results.cards else "nobody")

    def _profile(self, target: Target) -> Visit:
        public_id = links.public_id_of(target.url, base_url=self._account.base_url)
        body: bytes = self._session.run(lambda tab: tab.profile(public_id))
        try:
            profile = parsing.parse_json(body)
        except Invalid as error:
            raise Unreadable(error.reason, code=error.code, body=body, media_type=profiles.PROFILE_JSON) from error
        features = profiles.profile_features(profile, base_url=self._account.base_url)
        found = Found(profiles.SOURCE, target.external_id, target.url, profiles.PROFILE_JSON, body, features)
        return Visit(found=[found], remark="profile with gaps" if profile.missing else "profile")


def _searched(tab: Tab, keywords: str, number: int) -> Results:
    results = tab.search(keywords, number)
    for card in results.cards:  # the pipeline takes them in with what the cards say
        tab.discovered.pop(card.public_id, None)
    return results


def _results(base_url: str, keywords: str, number: int, data: dict[str, Any]) -> Target:
    url = f"{base_url}/search/people?keywords={quote_plus(keywords)}&page={number}"
    return Target(url, kind=SEARCH, number=number, data={**data, "keywords": keywords})


def _profile(base_url: str, public_id: str) -> Target:
    return Target(
        links.profile_url(public_id, base_url=base_url),
        kind=PROFILE,
        source=profiles.SOURCE,
        external_id=links.identity_address(public_id, base_url=base_url),
    )


def account_of(options: Any) -> NetworkAccount:
    """The account that an order names, or the only one. Raises `Invalid`."""
    named = str(options.get("account") or "").strip()
    rows = NetworkAccount.objects.all()
    found = list(rows.filter(name=named) if named else rows[:2])
    if not found and named.isascii() and named.isdigit():
        found = list(rows.filter(pk=int(named)))
    if len(found) != 1:
        raise Invalid(
            "account",
            _("Choose the network account to use (Network accounts).")
            if not named
            else _("There is no network account “%(name)s”.") % {"name": named},
            code="account_unknown",
        )
    return found[0]
