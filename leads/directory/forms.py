"""Forms for editing leads and companies. They parse; the services check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.models import Company, Lead
from leads.names import countries, languages
from outreach.core.forms import Group, NumberField, OpenChoiceField, ZoneField

_AREA = forms.Textarea(attrs={"rows": 4})


class ListedField(OpenChoiceField):
    """A country or a language from a list of names; what is typed in another way, the services read."""

    def __init__(self, label: Any, offered: Callable[[], Iterable[tuple[str, str]]]) -> None:
        super().__init__(label=label, required=False, choices=lambda: [("", "—"), *offered()])

    def valid_value(self, value: str) -> bool:
        return len(value) <= 60


class LeadForm(forms.Form):
    """A lead with its main addresses (new leads only) and its company by name."""

    full_name = forms.CharField(label=pgettext_lazy("person", "Name"), required=False, max_length=500)
    title = forms.CharField(label=_("Title"), required=False, max_length=500)
    company = forms.CharField(label=_("Company"), required=False, max_length=500)
    email = forms.CharField(label=_("E-mail"), required=False, max_length=320)
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=60,
        help_text=_("Start with + and the country code, or choose a country."),
    )
    network = forms.CharField(label=_("Network profile"), required=False, max_length=500)
    country = ListedField(_("Country"), countries)
    city = forms.CharField(label=_("City"), required=False, max_length=200)
    language = ListedField(_("Language"), languages)
    time_zone = ZoneField(label=_("Time zone"), required=False, empty_label=_("From the country and the phone number"))
    status = forms.CharField(label=_("Status"), required=False, max_length=100)
    tags = forms.CharField(label=_("Tags"), required=False, max_length=1000, help_text=_("Separated by commas."))
    description = forms.CharField(label=_("Notes"), required=False, max_length=20_000, widget=_AREA)
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    ADDRESSES = ("email", "phone", "network")
    groups = (
        Group(("full_name", "title", "company", "email", "phone", "network", "country"), _("Person")),
        Group(
            ("city", "language", "time_zone", "status", "tags", "description"), _("More about them"), is_advanced=True
        ),
    )

    def __init__(self, *args: Any, lead: Lead | None = None, **kwargs: Any) -> None:
        if lead is not None:
            kwargs.setdefault("initial", self.initial_of(lead))
        super().__init__(*args, **kwargs)
        if lead is not None:
            for name in self.ADDRESSES:
                del self.fields[name]

    @staticmethod
    def initial_of(lead: Lead) -> dict[str, Any]:
        names = ("full_name", "title", "country", "city", "language", "time_zone", "status", "description")
        return {name: getattr(lead, name) for name in names} | {
            "tags": ", ".join(lead.tags),
            "company": lead.company.name if lead.company else "",
            "seen_at": lead.updated_at.isoformat(),
        }


class EraseForm(forms.Form):
    """The reason for erasing a person, and a confirmation."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=200,
        help_text=_("Kept in the history: do not name anyone. For example: asked by e-mail, 4 March."),
    )
    is_sure = forms.BooleanField(label=_("I understand that this cannot be undone."))


class CompanyForm(forms.Form):
    """A company."""

    name = forms.CharField(label=_("Name"), max_length=500)
    domain = forms.CharField(label=_("Domain"), required=False, max_length=300)
    website = forms.CharField(label=_("Web page"), required=False, max_length=500)
    country = ListedField(_("Country"), countries)
    city = forms.CharField(label=_("City"), required=False, max_length=200)
    industry = forms.CharField(label=_("Industry"), required=False, max_length=200)
    segment = forms.CharField(label=_("Segment"), required=False, max_length=200)
    employee_count = NumberField(
        label=_("Employees"), required=False, min_value=0, max_value=10_000_000, unit=_("people")
    )
    employee_count_max = NumberField(
        label=_("Employees at most"),
        unit=_("people"),
        required=False,
        min_value=0,
        max_value=Company.NO_UPPER_END,
        help_text=_("For a range such as 11–50. Leave empty for an exact number."),
    )
    is_sme = forms.NullBooleanField(label=_("In the SME register"), required=False)
    tax_id = forms.CharField(label=_("Tax id"), required=False, max_length=40)
    registration_number = forms.CharField(label=_("Registration number"), required=False, max_length=40)
    status = forms.CharField(label=_("Status"), required=False, max_length=100)
    tags = forms.CharField(label=_("Tags"), required=False, max_length=1000, help_text=_("Separated by commas."))
    research_text = forms.CharField(label=_("Research"), required=False, max_length=20_000, widget=_AREA)
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    groups = (
        Group(
            ("name", "domain", "website", "country", "industry", "employee_count", "employee_count_max"), _("Company")
        ),
        Group(
            ("city", "segment", "status", "tags", "is_sme", "tax_id", "registration_number", "research_text"),
            _("More about the company"),
            is_advanced=True,
        ),
    )

    @classmethod
    def initial_of(cls, company: Company) -> dict[str, Any]:
        values = {name: getattr(company, name) for name in cls.base_fields if name not in {"tags", "seen_at"}}
        return values | {"tags": ", ".join(company.tags), "seen_at": company.updated_at.isoformat()}
