"""Raw records in, leads out: stored once, applied only when their content changed, never over a person's edits."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction

from leads import services as leads
from leads.cleaning import cells as cleaning
from leads.models import Channel, Identity, Lead
from leads.sources.features import Features
from leads.sources.models import CrawlJob, RawRecord
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.events.services import publish

ACTOR = Actor.system("sources")
KEPT_VERSIONS = 5
"""Raw records kept of one person or listing; the oldest go first."""
SEEN_EVERY = timedelta(hours=1)
"""How exactly `last_seen_at` is kept: a page seen again sooner writes nothing."""
_PLAIN = (
    "kind", "title", "description", "full_name", "first_name", "last_name", "url", "region", "city", "postal_code", "activity_at",
)  # fmt: skip
_CHECKED: dict[str, Callable[[str], str]] = {
    "country": cleaning.country,
    "language": cleaning.language,
    "time_zone": cleaning.time_zone,
}


@dataclass(frozen=True)
class Intake:
    """The result of applying a record. Neither new nor changed: nothing was written to the lead."""

    lead: Lead
    is_new: bool
    is_changed: bool


@transaction.atomic
def keep(
    *,
    job: CrawlJob | None,
    source: str,
    external_id: str,
    url: str,
    media_type: str,
    body: bytes,
    adapter: str = "",
    adapter_version: str = "",
) -> RawRecord:
    """Store a source's bytes, compressed, once per (source, external id, bytes)."""
    now = clock.now()
    record, is_new = RawRecord.objects.get_or_create(
        source=source,
        external_id=external_id,
        body_hash=hashlib.sha256(body).hexdigest(),
        defaults={
            "url": url,
            "media_type": media_type,
            "body": zlib.compress(body, 6),
            "size": len(body),
            "job": job,
            "adapter": adapter or (job.adapter if job else ""),
            "adapter_version": adapter_version,
            "first_seen_at": now,
            "last_seen_at": now,
        },
    )
    if is_new:
        _forget_oldest(source, external_id)
    elif record.last_seen_at < now - SEEN_EVERY or _has_newer(record):
        record.last_seen_at = now
        record.save(update_fields=["last_seen_at"])
    return record


def _has_newer(record: RawRecord) -> bool:
    versions = RawRecord.objects.filter(source=record.source, external_id=record.external_id)
    return versions.filter(last_seen_at__gte=record.last_seen_at).exclude(pk=record.pk).exists()


def _forget_oldest(source: str, external_id: str) -> None:
    versions = RawRecord.objects.filter(source=source, external_id=external_id).order_by("-last_seen_at", "-pk")
    old = list(versions.values_list("pk", flat=True)[KEPT_VERSIONS : KEPT_VERSIONS + 50])
    if old:
        RawRecord.objects.filter(pk__in=old).delete()


@transaction.atomic
def take_in(*, record: RawRecord, features: Features) -> Intake:
    """Create or change the lead that `record` is about.

    Found by the source's id, else (people only) by an address. The same content hash as last time writes nothing to
    the lead. A field that differs from what the source wrote last was edited by a person and stays. An erased lead
    stays erased, and the record goes.
    """
    _lock(record)
    before = _last_taken(record)
    lead = _standing(_find(record, features, before))
    if lead is not None and lead.erased_at:
        record.delete()
        return Intake(lead, is_new=False, is_changed=False)
    digest = features.hash(record.external_id)
    if lead is not None and before is not None and before.content_hash == digest:
        if before.pk != record.pk:
            _mark(record, lead, digest, before.features, before.written)
        return Intake(lead, is_new=False, is_changed=False)
    values = _values(features)
    if lead is None:
        lead = _create(record, values, features)
        _add_addresses(lead, features)
        _mark(record, lead, digest, features.as_json(), _written(lead, values, {}))
        return Intake(lead, is_new=True, is_changed=True)
    written = before.written if before is not None else {}
    updated_at = lead.updated_at
    lead = _update(lead, values, written, features)
    is_changed = lead.updated_at != updated_at
    if _add_addresses(lead, features) and not is_changed:
        is_changed = True
        publish("lead.changed", lead_id=lead.pk)
    _mark(record, lead, digest, features.as_json(), _written(lead, values, written))
    return Intake(lead, is_new=False, is_changed=is_changed)


def _lock(record: RawRecord) -> None:
    """One at a time for each person or listing, so that two crawls never make it twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [f"{record.source}\x1f{record.external_id}"]
        )


def _last_taken(record: RawRecord) -> RawRecord | None:
    versions = RawRecord.objects.filter(source=record.source, external_id=record.external_id)
    return versions.filter(taken_at__isnull=False).defer("body").order_by("-taken_at", "-pk").first()


def _find(record: RawRecord, features: Features, before: RawRecord | None) -> Lead | None:
    rows = Lead.objects.select_for_update(of=("self",))
    if before is not None and before.lead_id and (lead := rows.filter(pk=before.lead_id).first()):
        return lead
    if record.external_id:
        numbers = [record.external_id, address_digest(record.external_id)]  # the digest is that of an erased person
        if lead := rows.filter(source=record.source, external_id__in=numbers).first():
            return lead
    if features.kind != Lead.Kind.PERSON:
        return None
    for channel, address in _addresses(features):
        owner = Identity.objects.filter(channel=channel, address=address).values_list("lead_id", flat=True).first()
        if owner:
            return rows.get(pk=owner)
    return None


def _standing(lead: Lead | None) -> Lead | None:
    """The lead itself, or the one that it was merged into."""
    if lead is None or lead.merged_into_id is None:
        return lead
    return Lead.objects.select_for_update(of=("self",)).get(pk=lead.merged_into_id)


def _addresses(features: Features) -> Iterable[tuple[str, str]]:
    """The addresses that are addresses, normalised."""
    given = [(Channel.NETWORK, features.network)] if features.network else []
    given += [(Channel.EMAIL, email) for email in features.emails]
    given += [(Channel.SMS, phone) for phone in features.phones]
    for channel, text in given:
        try:
            yield channel, leads.normalise_address(channel=channel, address=text, country=_checked("country", features))
        except Invalid:
            continue


def _checked(name: str, features: Features) -> str:
    try:
        return _CHECKED[name](str(getattr(features, name)))
    except Invalid:
        return ""


def _values(features: Features) -> dict[str, Any]:
    """The columns of a lead as the source has them; what is not known is left out."""
    values = {name: getattr(features, name) for name in _PLAIN} | {name: _checked(name, features) for name in _CHECKED}
    values |= {"tags": list(features.tags), "attributes": _attributes(features)}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _attributes(features: Features) -> dict[str, Any]:
    given = {
        **features.attributes,
        "followers": features.followers,
        "following": features.following,
        "is_private": features.is_private,
        "recent_texts": features.recent_texts[:5],
        "images": [image.url for image in features.images],
        "links": features.links,
    }
    known = {name: value for name, value in given.items() if value not in (None, "", [], (), {})}
    plain: dict[str, Any] = orjson.loads(orjson.dumps(known, default=str))
    return plain


def _company_fields(features: Features, lead: Lead | None, written: dict[str, Any]) -> dict[str, Any]:
    """The company, unless a person set another one."""
    if not features.company:
        return {}
    if lead is not None and lead.company_id and lead.company_id != written.get("company_id"):
        return {}
    company = leads.find_or_create_company(name=features.company, country=_checked("country", features), actor=ACTOR)
    return {"company": company} if company else {}


def _create(record: RawRecord, values: dict[str, Any], features: Features) -> Lead:
    fields = values | _company_fields(features, None, {})
    fields |= {"source": record.source, "external_id": record.external_id}
    if not (fields.get("full_name") or fields.get("first_name") or fields.get("last_name") or fields.get("title")):
        fields["full_name"] = record.external_id or record.url
    return leads.create_lead(actor=ACTOR, fields=fields)


def _update(lead: Lead, values: dict[str, Any], written: dict[str, Any], features: Features) -> Lead:
    """Apply what the source changed since it was last applied."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        current = getattr(lead, name)
        if name == "attributes":
            merged = _merged(current, value, written.get(name, {}))
            if merged != current:
                changes[name] = merged
        elif name == "tags":
            gone = set(written.get(name, ())) - set(value)
            tags = [tag for tag in current if tag not in gone] + [t for t in value if t.lower() not in current]
            if tags != current:
                changes[name] = tags
        elif current in (None, "") or _plain(current) == written.get(name):
            changes[name] = value
    changes |= _company_fields(features, lead, written)
    return leads.update_lead(lead=lead, actor=ACTOR, fields=changes) if changes else lead


def _merged(current: dict[str, Any], new: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """Attributes key by key: ours change and go with the source, a person's stay."""
    merged = {k: v for k, v in current.items() if k in new or k not in written or written[k] != v}
    ours = {name for name in new if current.get(name) in (None, "") or current[name] == written.get(name)}
    return merged | {name: new[name] for name in ours}


def _written(lead: Lead, values: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Values in the lead that come from the source; for edited fields, the source's last value."""
    now: dict[str, Any] = {}
    for name, value in values.items():
        current = getattr(lead, name)
        if name == "attributes":
            old = before.get(name, {})
            now[name] = {k: v if current.get(k) == v else old.get(k) for k, v in value.items()}
        elif name == "tags":
            now[name] = [tag.lower() for tag in value]
        else:
            is_ours = name not in before or before[name] == "" or _is_written(name, current, value)
            now[name] = _plain(current) if is_ours and _is_written(name, current, value) else before.get(name, "")
    now["company_id"] = lead.company_id if not before or before.get("company_id") else before.get("company_id")
    return {**before, **now}


def _is_written(name: str, current: Any, value: Any) -> bool:
    """Whether `current` is `value` after the cleaning that leads get."""
    if isinstance(value, str) and isinstance(current, str):
        return cleaning.key(current) == cleaning.key(value) if name != "url" else current == value
    return bool(current == value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _add_addresses(lead: Lead, features: Features) -> bool:
    """Give the lead its addresses; whether one was new. An address of another lead stays there and is noted here."""
    is_new = False
    known = set(lead.identities.values_list("channel", "address"))
    for channel, address in _addresses(features):
        if (channel, address) in known:
            continue
        try:
            with transaction.atomic():
                leads.add_identity(lead=lead, channel=channel, address=address, actor=ACTOR)
            is_new = True
        except Refused:  # address_taken: one person behind two listings
            owner = Identity.objects.filter(channel=channel, address=address).values_list("lead_id", flat=True).first()
            if owner and lead.attributes.get("contact_lead") != owner:
                lead = leads.update_lead(
                    lead=lead, actor=ACTOR, fields={"attributes": {**lead.attributes, "contact_lead": owner}}
                )
    return is_new


def _mark(record: RawRecord, lead: Lead, digest: str, features: dict[str, Any], written: dict[str, Any]) -> None:
    record.lead, record.content_hash, record.features, record.written = lead, digest, features, written
    record.problem = record.problem_code = ""
    record.taken_at = clock.now()
    record.save(update_fields=["lead", "content_hash", "features", "written", "problem", "problem_code", "taken_at"])
