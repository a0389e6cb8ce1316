"""Leads and companies: create, change with a check for concurrent edits, erase."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.db.models import Case, F, Func, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest

from leads import changes
from leads.cleaning import cells as cleaning
from leads.cleaning import contacts, names
from leads.hashing import content_hash_sql
from leads.models import Channel, Company, Identity, Lead
from outreach.core import clock
from outreach.core.audit import record, record_alike
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish, publish_all

LEAD_FIELDS = frozenset(
    {
        "kind", "company", "first_name", "last_name", "full_name", "title", "description", "url", "country", "region", "city",
        "postal_code", "time_zone", "language", "status", "tags", "attributes", "research", "source", "external_id",
        "session_key", "activity_at",
    }
)  # fmt: skip
COMPANY_FIELDS = frozenset(
    {
        "name", "domain", "website", "country", "city", "industry", "segment", "is_sme", "employee_count", "tax_id",
        "registration_number", "phone", "status", "research_text", "tags", "attributes", "source", "external_id", "session_key",
        "employee_count_max",
    }
)  # fmt: skip
_CLEANERS: dict[str, Callable[[str], str]] = {
    "country": cleaning.country,
    "language": cleaning.language,
    "time_zone": cleaning.time_zone,
    "tax_id": cleaning.tax_id,
    "registration_number": cleaning.tax_id,
    "domain": contacts.domain,
}
_LOWER = frozenset({"segment", "status"})
_LONG = frozenset({"description", "research_text"})
_CHANNEL_OF = {"email": Channel.EMAIL, "phone": Channel.SMS, "network": Channel.NETWORK}


def normalise_address(*, channel: str, address: str, country: str = "") -> str:
    """An address in the form in which it is stored. Raises `Invalid`."""
    if channel == Channel.EMAIL:
        return contacts.email(address)
    if channel == Channel.SMS:
        return contacts.phone(address, country=country)
    if channel == Channel.NETWORK:
        return contacts.profile(address)
    raise Invalid("channel", _("There is no channel “%(name)s”.") % {"name": channel}, code="channel_unknown")


def _cleaned(fields: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in known:
            raise Invalid(name, _("There is no field “%(name)s”.") % {"name": name}, code="field_unknown")
        if name in _CLEANERS:
            values[name] = _CLEANERS[name](value or "")
        elif name == "tags":
            values[name] = cleaning.tags("|".join(value)) if not isinstance(value, str) else cleaning.tags(value)
        elif name in _LONG:
            values[name] = cleaning.paragraphs(value or "")
        elif isinstance(value, str):
            text = cleaning.one_line(value)
            values[name] = text.lower() if name in _LOWER else text
        else:
            values[name] = value
    return values


def _derive_lead(values: dict[str, Any], lead: Lead) -> None:
    """Names and keys that follow from others."""
    first = values.get("first_name", lead.first_name)
    last = values.get("last_name", lead.last_name)
    if values.get("full_name") and not ({"first_name", "last_name"} & values.keys()):
        values["first_name"], values["last_name"] = names.split_name(values["full_name"])
    elif {"first_name", "last_name"} & values.keys() and not values.get("full_name"):
        values["full_name"] = f"{first} {last}".strip()
    if "full_name" in values:
        values["name_key"] = cleaning.key(values["full_name"])
    if "title" in values:
        values["title_key"] = values["title"].lower()


@transaction.atomic
def create_lead(
    *, actor: Actor, email: str = "", phone: str = "", network: str = "", fields: Mapping[str, Any] | None = None
) -> Lead:
    """A new lead with its addresses. Raises `Invalid` for bad values, `Refused` `address_taken` for a known address."""
    values = _cleaned(fields or {}, LEAD_FIELDS)
    lead = Lead()
    _derive_lead(values, lead)
    for name, value in values.items():
        setattr(lead, name, value)
    addresses = {"email": email, "phone": phone, "network": network}
    if not lead.full_name and not lead.title and not any(addresses.values()):
        raise Invalid("full_name", _("Enter a name or an address."), code="lead_empty")
    lead.source = lead.source or "by hand"
    _save(lead)
    for name, address in addresses.items():
        if address.strip():
            add_identity(lead=lead, channel=_CHANNEL_OF[name], address=address, actor=actor)
    refresh_content_hashes([lead.pk])
    changes.record([lead.pk])
    lead.refresh_from_db()
    record("lead.created", subject=lead, actor=actor)
    publish("lead.created", lead_id=lead.pk)
    return lead


def _save(row: models.Model) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(_("A record with this id already exists."), code="id_taken") from error


@transaction.atomic
def update_lead(*, lead: Lead, actor: Actor, fields: Mapping[str, Any], seen_at: str = "") -> Lead:
    """Change a lead. `seen_at` is `updated_at` (ISO) as the editor saw it.

    Raises `Refused` `changed_meanwhile` when somebody else changed the lead since.
    """
    current = Lead.objects.select_for_update().get(pk=lead.pk)
    _check_seen(current.updated_at.isoformat(), seen_at)
    if current.erased_at:
        raise Refused(_("This lead was erased."), code="lead_erased")
    values = _cleaned(fields, LEAD_FIELDS)
    current.as_of_at = None
    _derive_lead(values, current)
    changed = [name for name, value in values.items() if getattr(current, name) != value]
    if not changed:
        return current
    for name in changed:
        setattr(current, name, values[name])
    _save(current)
    refresh_content_hashes([current.pk])
    changes.record([current.pk])
    current.refresh_from_db()
    record("lead.changed", subject=current, actor=actor, data={"fields": sorted(changed)})
    publish("lead.changed", lead_id=current.pk)
    return current


def _check_seen(current: str, seen: str) -> None:
    if seen and seen != current:
        raise Refused(
            _("Someone else changed this record while you were editing. Check the newer version, then save again."),
            code="changed_meanwhile",
        )


@transaction.atomic
def tag_leads(*, lead_ids: Collection[int], actor: Actor, add: Sequence[str] = (), remove: Sequence[str] = ()) -> int:
    """Add tags to leads and take others away; how many leads changed. Made for a few thousand at a time."""
    ids = _tag(Lead.objects.alive().filter(pk__in=lead_ids), add, remove)
    refresh_content_hashes(ids)
    changes.record(ids)
    record_alike("lead.changed", model=Lead, ids=ids, actor=actor, data={"fields": ["tags"]})
    publish_all("lead.changed", [{"lead_id": pk} for pk in ids])
    return len(ids)


@transaction.atomic
def tag_companies(
    *, company_ids: Collection[int], actor: Actor, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> int:
    """The same for companies; their leads' hashes follow."""
    ids = _tag(Company.objects.filter(pk__in=company_ids), add, remove)
    changes.record_companies(ids)
    record_alike("company.changed", model=Company, ids=ids, actor=actor, data={"fields": ["tags"]})
    people = Lead.objects.filter(company__in=ids).values_list("pk", flat=True)
    publish_all("lead.changed", [{"lead_id": pk} for pk in refresh_content_hashes(people)])
    return len(ids)


def _tag(rows: QuerySet[Any], add: Sequence[str], remove: Sequence[str]) -> list[int]:
    """Ids of the rows whose tags changed: one look and one statement, however many they are."""
    added = cleaning.tags("|".join(add))
    removed = [tag for tag in cleaning.tags("|".join(remove)) if tag not in added]
    differ = Q(tags__overlap=removed) if removed else Q()
    differ |= ~Q(tags__contains=added) if added else Q()
    if not differ:
        return []
    ids = list(rows.filter(differ).select_for_update().order_by("pk").values_list("pk", flat=True))
    tags: Any = F("tags")
    kind = rows.model._meta.get_field("tags")
    for tag in removed:
        tags = Func(tags, Value(tag), function="array_remove")
    for tag in added:
        missing = Case(
            When(tags__contains=[tag], then=Value([], output_field=kind)), default=Value([tag], output_field=kind)
        )
        tags = Func(tags, missing, function="array_cat")
    rows.model._default_manager.filter(pk__in=ids).update(tags=tags, updated_at=clock.now())
    return ids


@transaction.atomic
def add_identity(*, lead: Lead, channel: str, address: str, actor: Actor, is_primary: bool | None = None) -> Identity:
    """Add an address to a lead. Adding an existing one changes nothing.

    Raises `Invalid` for a bad address and `Refused` `address_taken` for one of another lead.
    """
    normalised = normalise_address(channel=channel, address=address, country=lead.country)
    has_primary = lead.identities.filter(channel=channel, is_primary=True).exists()
    identity, is_new = Identity.objects.get_or_create(
        channel=channel,
        address=normalised,
        defaults={"lead": lead, "is_primary": not has_primary if is_primary is None else is_primary},
    )
    if identity.lead_id != lead.pk:
        raise Refused(
            _("%(address)s belongs to another lead: %(lead)s (#%(number)s).")
            % {"address": normalised, "lead": identity.lead, "number": identity.lead_id},
            code="address_taken",
        )
    if is_primary:
        lead.identities.filter(channel=channel).exclude(pk=identity.pk).update(is_primary=False)
        Identity.objects.filter(pk=identity.pk).update(is_primary=True)
    if is_new:
        Lead.objects.filter(pk=lead.pk).update(updated_at=clock.now())
        changes.record([lead.pk])
        record("lead.identity_added", subject=lead, actor=actor, data={"channel": channel, "identity": identity.pk})
    return identity


@transaction.atomic
def update_identity(*, identity: Identity, actor: Actor, is_primary: bool | None = None, status: str = "") -> Identity:
    """Make an address the primary one of its channel, or mark it as valid or invalid."""
    if status:
        if status not in Identity.Status.values:
            raise Invalid("status", _("Unknown status."), code="status_unknown")
        identity.status = status
    if is_primary is not None:
        if is_primary:
            Identity.objects.filter(lead=identity.lead_id, channel=identity.channel).update(is_primary=False)
        identity.is_primary = is_primary
    identity.save()
    changes.record([identity.lead_id])
    record("lead.identity_changed", subject=identity.lead, actor=actor, data={"identity": identity.pk})
    return identity


@transaction.atomic
def set_address_status(identities: QuerySet[Identity], *, status: str, reason: str) -> int:
    """Write what was learned about these addresses; how many."""
    lead_ids = list(identities.values_list("lead_id", flat=True))
    count = identities.update(status=status, status_reason=reason, updated_at=clock.now())
    changes.record(lead_ids)
    return count


@transaction.atomic
def note_contact(lead_id: int, *, contacted_at: datetime | None = None, replied_at: datetime | None = None) -> None:
    """Keep the columns that criteria read: the lead was written to, or replied, then or later already."""
    times = {"last_contacted_at": contacted_at, "last_replied_at": replied_at}
    latest = {name: Greatest(Coalesce(F(name), at), at) for name, at in times.items() if at is not None}
    Lead.objects.filter(pk=lead_id).update(**latest)
    changes.record([lead_id])


@transaction.atomic
def create_company(*, actor: Actor, fields: Mapping[str, Any]) -> Company:
    """A new company. Raises `Refused` `id_taken` when its tax id, number or id in the source is known."""
    values = _cleaned(fields, COMPANY_FIELDS)
    if not values.get("name"):
        raise Invalid("name", _("Enter the company's name."), code="name_missing")
    company = Company(**values, name_key=names.company_key(values["name"]))
    company.source = company.source or "by hand"
    _save(company)
    record("company.created", subject=company, actor=actor)
    return company


@transaction.atomic
def update_company(*, company: Company, actor: Actor, fields: Mapping[str, Any], seen_at: str = "") -> Company:
    """Change a company; its leads' hashes follow. Raises like `update_lead` and `create_company`."""
    current = Company.objects.select_for_update().get(pk=company.pk)
    _check_seen(current.updated_at.isoformat(), seen_at)
    values = _cleaned(fields, COMPANY_FIELDS)
    current.as_of_at = None
    if "name" in values:
        if not values["name"]:
            raise Invalid("name", _("Enter the company's name."), code="name_missing")
        values["name_key"] = names.company_key(values["name"])
    changed = [name for name, value in values.items() if getattr(current, name) != value]
    if changed:
        for name in changed:
            setattr(current, name, values[name])
        _save(current)
        changes.record_companies([current.pk])
        record("company.changed", subject=current, actor=actor, data={"fields": sorted(changed)})
        for lead_id in refresh_content_hashes(list(current.leads.values_list("pk", flat=True))):
            publish("lead.changed", lead_id=lead_id)
    return current


def find_or_create_company(*, name: str, country: str, actor: Actor) -> Company | None:
    """The company of that name and country, made when there is none; None for an empty name."""
    text = names.company_name(name)
    if not text:
        return None
    code = cleaning.country(country)
    found = Company.objects.filter(name_key=names.company_key(text), country=code).order_by("merged_into", "pk").last()
    if found and found.merged_into:
        return found.merged_into
    return found or create_company(actor=actor, fields={"name": text, "country": code})


def refresh_content_hashes(lead_ids: Iterable[int]) -> list[int]:
    """Recompute the hashes of these leads; returns the ids of those that changed."""
    ids = list(lead_ids)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_lead t SET content_hash = n.hash FROM ("  # noqa: S608
            f"SELECT l.id, {content_hash_sql()} AS hash FROM leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id"
            " WHERE l.id = ANY(%s)) n WHERE t.id = n.id AND t.content_hash <> n.hash RETURNING t.id",
            [ids],
        )
        return [row[0] for row in cursor.fetchall()]
