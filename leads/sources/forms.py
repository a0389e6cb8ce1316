"""The form for a new crawl. It parses; the service checks."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.sources import registry
from leads.sources.listings.sites import sites
from leads.sources.services import MAX_PAGES, REFRESH_MINUTES, CrawlPlan
from outreach.core.forms import Group, NumberField

LISTS = ("locations", "categories", "keywords")


class CrawlForm(forms.Form):
    """Where to look, how far, how often."""

    adapter = forms.ChoiceField(label=_("Source"))
    site = forms.ChoiceField(label=_("Site"), required=False, help_text=_("For listings by location and category."))
    account = forms.CharField(
        label=_("Account"),
        required=False,
        max_length=100,
        help_text=_("For the professional network: the account's name here."),
    )
    locations = forms.CharField(
        label=_("Locations"),
        required=False,
        max_length=2000,
        help_text=_("As in the site's addresses, separated by commas: berlin, munich."),
    )
    categories = forms.CharField(
        label=_("Categories"),
        required=False,
        max_length=2000,
        help_text=_("As in the site's addresses, separated by commas: sof, web."),
    )
    keywords = forms.CharField(
        label=_("Keywords"),
        required=False,
        max_length=2000,
        help_text=_("Separated by commas: python developer, data engineer."),
    )
    seeds = forms.CharField(
        label=_("Addresses"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
        help_text=_("Result pages or single postings, one address a line. You can use them with a site or without."),
    )
    pages = NumberField(
        label=_("Result pages"), min_value=1, max_value=MAX_PAGES, initial=1, unit=_("pages per address")
    )
    priority = forms.ChoiceField(
        label=_("Priority"), choices=[("low", _("Low")), ("normal", _("Normal")), ("high", _("High"))], initial="normal"
    )
    refresh_minutes = NumberField(
        label=_("Refresh every"),
        required=False,
        min_value=REFRESH_MINUTES[0],
        max_value=REFRESH_MINUTES[1],
        unit=_("minutes"),
        help_text=_("Empty: crawl once. Unchanged records cost nothing."),
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=200)

    groups = (
        Group(("adapter", "site", "locations", "categories", "keywords", "seeds"), _("Where to look")),
        Group(("pages", "refresh_minutes", "name"), _("How much and how often")),
        Group(("account", "priority"), is_advanced=True),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["adapter"].choices = registry.choices()  # type: ignore[attr-defined]
        self.fields["site"].choices = [("", _("None: only the addresses below")), *((name, name) for name in sites())]  # type: ignore[attr-defined]

    def plan(self) -> CrawlPlan:
        values = self.cleaned_data
        options = {name: values[name] for name in ("site", "account") if values[name]}
        lists: dict[str, Any] = {
            name: [part.strip() for part in values[name].split(",") if part.strip()] for name in LISTS
        }
        return CrawlPlan(
            **lists,
            seeds=[line.strip() for line in re.split(r"[\r\n]+", values["seeds"]) if line.strip()],
            options=options,
            **{name: values[name] for name in ("adapter", "pages", "priority", "refresh_minutes", "name")},
        )


class RefreshForm(forms.Form):
    """How often a job is crawled again."""

    refresh_minutes = NumberField(
        label=_("Refresh every"),
        required=False,
        min_value=REFRESH_MINUTES[0],
        max_value=REFRESH_MINUTES[1],
        unit=_("minutes"),
    )
