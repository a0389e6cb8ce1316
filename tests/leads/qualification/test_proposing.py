"""A founder's words become settings that can be corrected; what the words do not say stays empty."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from leads.qualification import proposing, services
from leads.qualification.models import Brief
from outreach.access.models import User
from outreach.access.roles import Role
from tests.leads.qualification.conftest import configured
from tests.leads.segments.factories import CompanyFactory, LeadFactory


def read(words: str) -> dict:
    found = proposing.factors_of(proposing.read(words))
    return {
        f"{part}.{name}": value
        for part, settings in found.items()
        if isinstance(settings, dict)
        for name, value in settings.items()
        if value not in (None, "", []) and name != "weight"
    }


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (
            "CTOs and heads of IT at fintech companies in Germany or Kazakhstan with 50-200 employees, no agencies",
            {
                "experience.levels": ["head", "executive"],
                "company.industries": ["fintech"],
                "place.countries": ["DE", "KZ"],
                "company.employees_from": 50,
                "company.employees_to": 200,
                "keywords.excluded": ["agencies"],
            },
        ),
        (
            "Технические директора банков в Казахстане, от 100 сотрудников, без стартапов",
            {
                "experience.levels": ["executive"],
                "company.industries": ["banking"],
                "place.countries": ["KZ"],
                "company.employees_from": 100,
                "keywords.excluded": ["стартапов"],
            },
        ),
        ("Small businesses in the US", {"company.is_sme": True, "place.countries": ["US"]}),
        ("Founders in Russia, remote only", {"experience.levels": ["executive"], "place.countries": ["RU"], "place.remote": "required"}),
        ("They must mention “ISO 27001”, ideally “SOC 2”", {"keywords.required": ["ISO 27001"], "keywords.wanted": ["SOC 2"]}),
        ("At least 5 years", {"experience.years_from": 5.0}),
        ("Up to 30 people", {"company.employees_to": 30}),
        ("Nice people", {}),
    ],
)  # fmt: skip
def test_what_the_rules_read(words, asked):
    assert read(words) == asked


def test_pay_is_read_as_a_yearly_range():
    found = read("Senior developers, salary $120k - $140k a year")
    assert (found["pay.minimum"], found["pay.maximum"], found["pay.currency"]) == (120_000, 140_000, "USD")


def test_an_impossible_part_is_left_out_and_the_rest_is_kept():
    proposal = proposing.Proposal(
        countries=["Atlantis", "Germany"], levels=["boss"], employees_from=50, employees_to=10
    )
    found = proposing.factors_of(proposal)
    assert found["place"]["countries"] == ["DE"]
    assert found["experience"]["levels"] == [] and found["company"]["employees_from"] is None


@pytest.mark.parametrize(
    "words", ["", "  ", "x" * 8_000, "\u202e no no no, ,,, “”", "no " * 500, "от до от до сотрудников"]
)
def test_strange_words_do_no_harm(words):
    proposing.factors_of(proposing.read(words))


@pytest.mark.django_db
def test_a_model_reads_the_words_where_there_is_one(settings, fake):
    configured(settings, fake)
    fake.answer = lambda _request: json.dumps({"levels": ["head"], "countries": ["Austria"], "keywords": ["payments"]})
    found, by_model = proposing.propose("Heads of payments in Austria")
    assert by_model
    assert (found["experience"]["levels"], found["place"]["countries"]) == (["head"], ["AT"])


@pytest.mark.django_db
class TestEditor:
    @pytest.fixture
    def editor(self, client):
        client.force_login(User.objects.create_user("olga", password="a long enough password", role=Role.OPERATOR))
        return client

    def test_the_form_is_filled_in_and_nothing_is_stored(self, editor):
        answer = editor.post(
            reverse("briefs:create"),
            {"do": "propose", "name": "Banks", "description": "CTOs at banks in Germany", "keywords.weight": "40"},
        )
        form = answer.context["form"]
        assert form["name"].value() == "Banks" and form["keywords.weight"].value() == "40"
        assert form["place.countries"].value() == "Germany" and form["experience.levels"].value() == ["executive"]
        assert "Read by rules" in answer.content.decode()
        assert not Brief.objects.exists()

    def test_without_words_it_asks_for_them(self, editor):
        answer = editor.post(reverse("briefs:create"), {"do": "propose", "description": " "})
        assert "description" in answer.context["form"].errors

    def test_the_trial_counts_who_passes_who_fails_and_who_is_unknown(self, editor):
        LeadFactory.create_batch(3, title="CTO", company=CompanyFactory(country="RU"))
        LeadFactory.create_batch(2, title="Intern", company=CompanyFactory(country="RU"))
        LeadFactory(title="", company=None)
        answer = editor.post(reverse("briefs:try"), {"experience.levels": ["executive"], "threshold": "60"})
        assert answer.context["counts"] == {"yes": 3, "no": 2, "unknown": 1, "all": 6}
        assert "3 pass" in answer.content.decode() and "Pass mark 60%" in answer.content.decode()


@pytest.mark.django_db
class TestVersions:
    def save(self, brief, description, user=None):
        return services.save_brief(
            name="CTOs", description=description, factors={}, use_model=False, created_by=user, brief=brief
        )

    def test_a_change_of_what_is_asked_is_a_version_and_a_new_name_is_none(self, brief):
        assert [version.number for version in brief.versions.all()] == [1]
        services.save_brief(name="Other", description=brief.description, factors=brief.factors, use_model=False, created_by=None, brief=brief)  # fmt: skip
        assert brief.versions.count() == 1
        self.save(brief, "Other people")
        assert [version.number for version in brief.versions.all()] == [2, 1]

    def test_an_earlier_version_can_be_restored(self, client, brief):
        user = User.objects.create_user("olga", password="a long enough password", role=Role.OPERATOR)
        before = brief.factors
        self.save(brief, "Other people")
        client.force_login(user)
        client.post(reverse("briefs:restore", args=[brief.pk, 1]))
        brief.refresh_from_db()
        assert brief.factors == before and brief.versions.count() == 3
        assert client.post(reverse("briefs:restore", args=[brief.pk, 9])).status_code in (302, 400)
