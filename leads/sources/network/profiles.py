"""People who were met on a network: discovered from links and results, enriched from their profile, moved along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import orjson
from django.db import transaction

from leads.models import Channel, Identity, Lead
from leads.sources.features import Features
from leads.sources.intake import keep, take_in
from leads.sources.models import RawRecord
from leads.sources.network import links, parsing
from leads.sources.network.models import PROFILE, NetworkAccount, NetworkProfile
from leads.sources.network.seen import Card
from outreach.core import clock
from outreach.core.errors import OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _
from outreach.events.services import publish

SOURCE = "network"
ADAPTER = "network"
VERSION = "1"
ACTOR = Actor.system("network")
CARD, PROFILE_JSON = "application/vnd.outreach.network-card+json", "application/json"
READ_AGAIN_AFTER = timedelta(hours=6)
MAX_ATTEMPTS = 4
MAX_MET_AT_ONCE = 100


def card_features(card: Card, *, base_url: str) -> Features:
    """What a line of results says about a person."""
    city, _comma, _country = card.place.partition(",")
    return Features(
        kind=Lead.Kind.PERSON,
        full_name=card.name or name_of(card.public_id),
        title=card.headline,
        url=links.profile_url(card.public_id, base_url=base_url),
        network=links.profile_url(card.public_id, base_url=base_url),
        city=city.strip(),
    )


def profile_features(profile: parsing.Profile, *, base_url: str) -> Features:
    """A parsed profile, in the common form of all sources."""
    current = profile.current
    url = links.profile_url(profile.public_id, base_url=base_url)
    return Features(
        kind=Lead.Kind.PERSON,
        full_name=profile.full_name or name_of(profile.public_id),
        first_name=profile.first_name,
        last_name=profile.last_name,
        title=(current.title if current else "") or profile.headline,
        description=profile.text,
        url=url,
        network=url,
        company=current.company if current else "",
        country=profile.country,
        city=profile.location.partition(",")[0].strip(),
        attributes={
            "headline": profile.headline,
            "network_industry": profile.industry,
            "network_degree": profile.degree,
            "positions": [
                ", ".join(part for part in (p.title, p.company, p.started, p.ended) if part) for p in profile.positions
            ],
            "educations": [", ".join(p for p in (e.degree, e.field, e.school) if p) for e in profile.educations],
        },
    )


def name_of(public_id: str) -> str:
    """A provisional name from the words of a public id: `anna-lund-7` → Anna Lund."""
    words = [word for word in public_id.replace("_", "-").split("-") if not any(c.isdigit() for c in word)]
    return " ".join(word.capitalize() for word in words)[:100] or public_id


def known(addresses: Iterable[str]) -> set[str]:
    """Which of these addresses were met before, erased people included."""
    digests = {address_digest(address): address for address in addresses}
    found = NetworkProfile.objects.filter(address_digest__in=digests).values_list("address_digest", flat=True)
    return {digests[digest] for digest in found}


def meet(*, account: NetworkAccount, found: Mapping[str, str], found_on: Mapping[str, str]) -> int:
    """Create leads for new people that a page links to; returns how many. The account's own profile is skipped."""
    base_url = account.base_url
    addresses = {links.identity_address(public_id, base_url=base_url): public_id for public_id in found}
    new = [address for address in addresses if address not in known(addresses)][:MAX_MET_AT_ONCE]
    count = 0
    for address in new:
        public_id = addresses[address]
        if public_id == account.own_public_id:
            continue
        card = Card(public_id, found[public_id])
        count += discover(account=account, card=card, found_on=found_on.get(public_id, "")) is not None
    return count


@transaction.atomic
def discover(*, account: NetworkAccount, card: Card, found_on: str = "") -> NetworkProfile | None:
    """A lead for a newly found person; None when they are known or were erased."""
    address = links.identity_address(card.public_id, base_url=account.base_url)
    digest = address_digest(address)
    if NetworkProfile.objects.filter(address_digest=digest).exists():
        return None
    owner = Identity.objects.filter(channel=Channel.NETWORK, address=address).select_related("lead").first()
    if owner is not None:
        lead = owner.lead
        if NetworkProfile.objects.filter(lead=lead).exists():
            return None
    else:
        record = keep(
            job=None, source=SOURCE, external_id=address, url=links.profile_url(card.public_id, base_url=account.base_url),
            media_type=CARD, body=orjson.dumps(asdict(card)), adapter=ADAPTER, adapter_version=VERSION,
        )  # fmt: skip
        lead = take_in(record=record, features=card_features(card, base_url=account.base_url)).lead
    return follow(lead=lead, address=address, account=account, found_on=found_on)


def follow(
    *, lead: Lead, address: str, account: NetworkAccount | None = None, found_on: str = ""
) -> NetworkProfile | None:
    """The profile row of a lead, made on first use; None for an erased lead and for a second profile of one person."""
    if lead.erased_at:
        return None
    profile, _is_new = NetworkProfile.objects.get_or_create(
        lead=lead,
        defaults={
            "account": account,
            "address": address,
            "address_digest": address_digest(address),
            "public_id": address.rpartition("/")[2],
            "found_on": found_on[:300],
            "next_look_at": clock.now(),
        },
    )
    if profile.account_id is None and account is not None:
        NetworkProfile.objects.filter(pk=profile.pk).update(account=account)
        profile.account = account
    return profile


@transaction.atomic
def enrich(*, profile: NetworkProfile, account: NetworkAccount, body: bytes) -> parsing.Profile:
    """Store a profile from the site's API. Raises `Invalid` when it is not one."""
    found = parsing.parse_json(body)
    record = keep(
        job=None, source=SOURCE, external_id=profile.address, media_type=PROFILE_JSON, body=body, adapter=ADAPTER,
        adapter_version=VERSION, url=links.profile_url(profile.public_id, base_url=account.base_url),
    )  # fmt: skip
    take_in(record=record, features=profile_features(found, base_url=account.base_url))
    note_facts(profile, found, account=account)
    return found


def note_facts(profile: NetworkProfile, found: parsing.Profile, *, account: NetworkAccount | None = None) -> None:
    """Store the parsed profile as `account` saw it; an existing contact is ignored unless a campaign writes to them.

    That they became a contact of the account is told once (`network.contact_seen`).
    """
    is_new_contact = found.degree == 1 and profile.degree != 1
    changes: dict[str, Any] = {
        "facts": orjson.loads(orjson.dumps(found.as_dict())),
        "degree": found.degree,
        "enriched_at": clock.now(),
        "attempts": 0,
    }
    NetworkProfile.objects.filter(pk=profile.pk).update(**changes)
    profile.refresh_from_db()
    if profile.is_discovered:
        if found.degree == 1:
            advance(profile, "ignored", reason=_("Already a contact before this account was added."))
        else:
            advance(profile, "enriched")
    if is_new_contact:
        publish(
            "network.contact_seen",
            lead_id=profile.lead_id,
            account_id=account.pk if account is not None else profile.account_id,
        )


def note_record(profile: NetworkProfile) -> bool:
    """Keep what a crawl job brought of a profile, if it brought its JSON."""
    records = RawRecord.objects.filter(source=SOURCE, external_id=profile.address, media_type=PROFILE_JSON)
    newest = records.filter(taken_at__isnull=False).order_by("-last_seen_at", "-pk").first()
    if newest is None:
        return False
    note_facts(profile, parsing.parse_json(newest.content()))
    return True


def advance(profile: NetworkProfile, to: str, *, reason: str = "", actor: Actor = ACTOR) -> bool:
    """Move a profile along where the table allows it; False when it does not (any more)."""
    if profile.state == to or not PROFILE.allows(profile.state, to):
        return False
    try:
        PROFILE.move(profile, to, actor=actor, reason=reason[:300], changes={"state_reason": reason[:1000]})
    except Refused:
        return False
    return True


def could_not_read(profile: NetworkProfile, error: OutreachError, *, is_final: bool = False) -> None:
    """A failed check is repeated with doubling waits, then given up."""
    attempts = profile.attempts + 1
    wait = READ_AGAIN_AFTER * 2 ** (attempts - 1)
    NetworkProfile.objects.filter(pk=profile.pk).update(
        attempts=attempts, next_look_at=clock.now() + wait, state_reason=error.reason[:1000]
    )
    profile.refresh_from_db()
    if is_final or attempts >= MAX_ATTEMPTS:
        advance(profile, "failed", reason=error.reason)


def forget(lead: Lead) -> None:
    """Erase personal data of a lead's profile; the digest stays, so the person is not collected again."""
    NetworkProfile.objects.filter(lead=lead).update(
        address="", public_id="", facts={}, found_on="", state_reason="", next_look_at=None
    )
