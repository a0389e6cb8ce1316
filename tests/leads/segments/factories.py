"""Leads and companies for tests of this wing."""

from __future__ import annotations

from typing import Any

import factory

from leads import changes
from leads.models import Company, Identity, Lead


class CompanyFactory(factory.django.DjangoModelFactory[Company]):
    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"Company {n}")
    name_key = factory.LazyAttribute(lambda c: c.name.lower())
    country = "RU"


class LeadFactory(factory.django.DjangoModelFactory[Lead]):
    class Meta:
        model = Lead

    full_name = factory.Sequence(lambda n: f"Person {n}")
    title = "CTO"
    title_key = factory.LazyAttribute(lambda lead: lead.title.lower())
    country = "RU"
    company = factory.SubFactory(CompanyFactory)

    @factory.post_generation
    def is_recorded(lead: Lead, _create: bool, _given: object) -> None:  # noqa: N805 - as factory-boy calls it
        changes.record([lead.pk])


def with_email(lead: Lead, **fields: Any) -> Lead:
    """`lead` with an e-mail address that belongs to nobody."""
    Identity.objects.create(lead=lead, channel="email", address=f"lead{lead.pk}@example.com", **fields)
    return lead
