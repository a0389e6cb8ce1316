"""Candidates are found as leads are: by the beginnings of names, by address, by company; always by index."""

import pytest
from django.db import connection

from campaigns.audience.selectors import filtered
from campaigns.models import Candidate
from campaigns.review import selectors as drafts
from leads.models import Company, Lead
from tests.campaigns.factories import make_campaign, make_candidate, make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    found = make_campaign()
    firm = Company.objects.create(name="Nordwind GmbH", name_key="nordwind")
    make_candidate(found, lead=make_lead(full_name="Ада Лавлейс", name_key="ада лавлейс", company=firm))
    make_candidate(found, lead=make_lead(full_name="José Núñez", name_key="jose nunez", company=None))
    return found


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("лавл", ["Ада Лавлейс"]),
        ("nunez josé", ["José Núñez"]),
        ("nordw", ["Ада Лавлейс"]),
        ("nobody", []),
        ("  ", ["Ада Лавлейс", "José Núñez"]),
        ("'; DROP", []),
    ],
)
def test_a_search_finds_by_the_beginnings_of_words(campaign, search, names):
    assert [c.lead.full_name for c in filtered(campaign, search=search).order_by("pk")] == names


def test_a_search_finds_nobody_of_another_campaign(campaign):
    other = make_campaign()
    assert not filtered(other, search="лавл").exists()


def test_a_search_among_many_reads_leads_by_index(campaign):
    leads = Lead.objects.bulk_create(
        Lead(full_name=f"P{n}", name_key=f"person{n} number{n}") for n in range(4_000)
    )  # fmt: skip
    Candidate.objects.bulk_create(Candidate(campaign=campaign, lead=lead) for lead in leads[:1_000])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead, leads_company, leads_identity, campaigns_candidate")
    for rows in (
        filtered(campaign, search="number3999").order_by("pk").values("pk")[:51],
        drafts.matching(drafts.Filters(company="number3999")).values("pk"),
    ):
        plan = rows.explain()
        assert "lead_name_words" in plan, plan
        assert "Seq Scan on leads_lead" not in plan, plan
