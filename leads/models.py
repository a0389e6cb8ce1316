"""Companies, leads and their addresses."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from outreach.core import addresses, numbers
from outreach.core.models import Dated
from outreach.core.states import one_of


class Channel(models.TextChoices):
    """The ways in which a lead can be reached."""

    EMAIL = addresses.EMAIL, _("E-mail")
    SMS = addresses.SMS, _("SMS")
    NETWORK = addresses.NETWORK, _("Professional network")


def key_field(**options: object) -> models.TextField[str, str]:
    """A text column that is compared byte by byte: half the cost of a locale's collation on intake."""
    return models.TextField(blank=True, default="", db_collation="C", **options)  # type: ignore[arg-type]


class Company(Dated):
    """A firm. Empty text is "not known"; `name_key` is the cleaned name that duplicates are found by.

    A company that was merged into another stays as a row, so that lists which still name it find the other.
    """

    name = models.TextField(_("name"))
    name_key = key_field(editable=False)
    domain = key_field()
    website = models.TextField(_("website"), blank=True)
    country = key_field(help_text="ISO 3166-1 alpha-2")
    city = models.TextField(_("city"), blank=True)
    industry = key_field()
    segment = key_field()
    is_sme = models.BooleanField(_("in the SME register"), null=True, blank=True)
    employee_count = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    employee_count_max = models.PositiveIntegerField(
        _("employees at most"),
        null=True,
        blank=True,
        help_text=_(
            "The upper end of a range such as 11–50, whose lower end is “employees”; empty for an exact number"
        ),
    )
    tax_id = key_field()
    registration_number = key_field()
    phone = models.TextField(blank=True)
    status = key_field()
    research_text = models.TextField(blank=True)
    tags = ArrayField(models.TextField(), default=list, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    source = key_field()
    external_id = key_field()
    session_key = key_field()
    batch = models.ForeignKey("imports.Batch", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    as_of_at = models.DateTimeField(null=True, blank=True, help_text="Date of the facts at their source")
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="merged", db_index=False
    )

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.UniqueConstraint(
                fields=["tax_id", "country"], condition=~models.Q(tax_id=""), name="company_tax_id"
            ),
            models.UniqueConstraint(
                fields=["registration_number", "country"],
                condition=~models.Q(registration_number=""),
                name="company_registration_number",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~models.Q(external_id=""), name="company_external_id"
            ),
        ]
        indexes = [
            models.Index(fields=["name_key", "country"], name="company_name_key"),
            models.Index(fields=["country", "industry"], name="company_country_industry"),
            models.Index(fields=["name_key", "id"], condition=models.Q(merged_into=None), name="company_by_name"),
            models.Index(
                fields=["employee_count", "id"],
                condition=models.Q(merged_into=None, employee_count__isnull=False),
                name="company_by_employees",
            ),
            models.Index(Lower("industry"), condition=~models.Q(industry=""), name="company_industry"),
            GinIndex(fields=["tags"], name="company_tags"),
            models.Index(fields=["domain"], condition=~models.Q(domain=""), name="company_domain"),
            models.Index(fields=["merged_into"], condition=~models.Q(merged_into=None), name="company_merged"),
        ]

    NO_UPPER_END = 10_000_000
    """`employee_count_max` of “1,001+”."""

    def __str__(self) -> str:
        return self.name

    @property
    def employees(self) -> str:
        """“37”, “11–50” or “1,001+”; empty when not known."""
        low, high = self.employee_count, self.employee_count_max
        if low is None:
            return ""
        if high is None or high == low:
            return numbers.count(low)
        least = numbers.count(low)
        return f"{least}+" if high >= self.NO_UPPER_END else f"{least}–{numbers.count(high)}"


class LeadQuerySet(models.QuerySet["Lead"]):
    """Named sets of leads."""

    def alive(self) -> LeadQuerySet:
        """Neither erased nor merged into another lead."""
        return self.filter(erased_at=None)


class LeadKind(models.TextChoices):
    PERSON = "person", _("Person")
    LISTING = "listing", _("Listing")


class Lead(Dated):
    """A person or a listing that we might contact. Addresses are its `Identity` rows.

    Erasure: names, title, texts, attributes and identities are blanked, `erased_at` is set, the row stays. A lead
    that was merged into another has `erased_at` too, so that nothing finds it, and keeps its facts for the undo.
    """

    Kind = LeadKind

    kind = models.TextField(_("kind"), choices=Kind.choices, default=Kind.PERSON)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="leads")
    first_name = models.TextField(_("first name"), blank=True)
    last_name = models.TextField(_("last name"), blank=True)
    full_name = models.TextField(_("name"), blank=True)
    name_key = key_field(editable=False, help_text="Lower-case name without accents, for search and duplicates")
    title = models.TextField(_("title"), blank=True, help_text=_("Position of a person, headline of a listing"))
    title_key = key_field(editable=False, help_text="Lower-case title, for criteria")
    description = models.TextField(_("description"), blank=True)
    url = models.TextField(blank=True)
    country = key_field(help_text="ISO 3166-1 alpha-2")
    region = models.TextField(blank=True)
    city = models.TextField(_("city"), blank=True)
    postal_code = models.TextField(blank=True)
    time_zone = models.TextField(blank=True, help_text="IANA name; empty: derived from address or phone")
    language = key_field(help_text="ISO 639-1")
    status = key_field(help_text="The team's own status, `client_status` of imports")
    tags = ArrayField(models.TextField(), default=list, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    research = models.JSONField(default=dict, blank=True)
    source = key_field()
    external_id = key_field()
    session_key = key_field()
    batch = models.ForeignKey("imports.Batch", null=True, blank=True, on_delete=models.SET_NULL, related_name="leads")
    as_of_at = models.DateTimeField(
        null=True, blank=True, help_text="Date of the facts at their source; empty: date of the row's last change"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="merged", db_index=False
    )
    content_hash = key_field(help_text="Hash of what qualification sees")
    activity_at = models.DateTimeField(null=True, blank=True)
    last_contacted_at = models.DateTimeField(null=True, blank=True)
    last_replied_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        constraints = [
            one_of("kind", LeadKind.choices),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~models.Q(external_id=""), name="lead_external_id"
            ),
        ]
        indexes = [
            models.Index(
                fields=["country", "language", "-activity_at"],
                condition=models.Q(erased_at=None),
                name="lead_place_language",
            ),
            models.Index(fields=["last_contacted_at", "id"], name="lead_last_contacted"),
            models.Index(
                fields=["last_replied_at", "id"],
                condition=models.Q(last_replied_at__isnull=False),
                name="lead_last_replied",
            ),
            models.Index(
                fields=["title_key", "country", "company", "last_contacted_at"],
                condition=models.Q(erased_at=None),
                name="lead_title_place_rest",
            ),
            models.Index(fields=["name_key", "id"], name="lead_name_key"),
            models.Index(fields=["status", "-id"], condition=~models.Q(status=""), name="lead_status"),
            models.Index(fields=["merged_into"], condition=~models.Q(merged_into=None), name="lead_merged"),
            GinIndex(fields=["tags"], name="lead_tags"),
            GinIndex(SearchVector("name_key", config="simple"), name="lead_name_words"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.title or f"#{self.pk}"

    def address(self, channel: str) -> str:
        """The primary address on `channel`, or an empty text."""
        rows = [i for i in self.identities.all() if i.channel == channel and i.status != Identity.Status.INVALID]
        rows.sort(key=lambda i: (not i.is_primary, i.pk))
        return rows[0].address if rows else ""


class IdentityStatus(models.TextChoices):
    UNKNOWN = "unknown", _("Not checked")
    VALID = "valid", _("Valid")
    RISKY = "risky", _("Risky")
    INVALID = "invalid", _("Invalid")


class Identity(Dated):
    """One address of a lead on one channel, normalised; an address belongs to one lead."""

    Status = IdentityStatus

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="identities")
    channel = models.TextField(choices=Channel.choices)
    address = models.TextField(db_collation="C")
    is_primary = models.BooleanField(default=True)
    status = models.TextField(choices=Status.choices, default=Status.UNKNOWN)
    status_reason = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            one_of("channel", Channel.choices),
            one_of("status", IdentityStatus.choices),
            models.UniqueConstraint(fields=["channel", "address"], name="identity_address_once"),
        ]

    def __str__(self) -> str:
        return self.address


class LeadChange(models.Model):
    """The feed of changed leads, written by `leads.changes` in the transaction that changes the lead.

    Whoever keeps sets of leads takes rows out and looks at the leads again. A lead may be here many times, and may be
    gone by the time it is looked at.
    """

    lead_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"#{self.lead_id}"


class Title(models.Model):
    """The dictionary of titles in use, in lower case: a million people share some ten thousand of them.

    It holds at least every title of a lead (`leads.changes` sees to that); repeats do no harm. Criteria about titles
    are looked up here and the few that fit are found by index.
    Erasure: the title of an erased person is removed with it; others that no lead has any more within days.
    """

    title_key = models.TextField(db_collation="C")

    class Meta:
        indexes = [models.Index(fields=["title_key"], name="title_key")]

    def __str__(self) -> str:
        return self.title_key
