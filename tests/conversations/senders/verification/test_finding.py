"""A lead without an address gets one, with where it comes from; through every door."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from conversations.senders.verification import services
from leads.models import Identity
from outreach.core.errors import Permanent, Refused
from outreach.core.models import Actor, AuditEntry
from tests.campaigns.factories import make_user
from tests.leads.factories import make_company, make_lead

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")


@pytest.fixture
def anna(leadmagic):
    leadmagic.people["anna", "lee", "firm.de"] = ("Anna.Lee@firm.de", "valid")
    return make_lead("Anna Lee", company=make_company(domain="firm.de"))


def test_the_address_is_added_with_its_origin(anna):
    identity = services.find_email(lead=anna, actor=ACTOR)
    assert (identity.address, identity.status, identity.is_primary) == ("anna.lee@firm.de", "valid", True)
    assert identity.status_reason.startswith("Found by Leadmagic on ")
    assert "by name and firm.de" in identity.status_reason
    entry = AuditEntry.objects.get(action="lead.address_found")
    assert entry.data == {"identity": identity.pk, "source": "leadmagic"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda lead: Identity.objects.create(lead=lead, channel="email", address="a@firm.de"), "has_address"),
        (lambda lead: setattr(lead, "last_name", ""), "name_missing"),
        (lambda lead: setattr(lead, "company", None), "company_missing"),
        (lambda lead: setattr(lead, "erased_at", lead.created_at), "lead_erased"),
    ],
)
def test_who_cannot_be_looked_for_costs_nothing(anna, leadmagic, change, code):
    change(anna)
    with pytest.raises(Refused) as error:
        services.find_email(lead=anna, actor=ACTOR)
    assert (error.value.code, leadmagic.requests) == (code, [])
    assert services.can_find(anna) is False


def test_nobody_found_is_said(leadmagic):
    stranger = make_lead("Bob Poe", company=make_company(domain="firm.de"))
    with pytest.raises(Refused, match="Leadmagic found no address for Bob Poe") as error:
        services.find_email(lead=stranger, actor=ACTOR)
    assert error.value.code == "not_found"


def test_an_address_of_somebody_else_is_not_taken_away(anna):
    make_lead("Other", email="anna.lee@firm.de")
    with pytest.raises(Refused) as error:
        services.find_email(lead=anna, actor=ACTOR)
    assert error.value.code == "address_taken"


def test_an_address_that_is_known_to_be_dead_does_not_come_back_to_life(anna):
    Identity.objects.create(lead=anna, channel="email", address="anna.lee@firm.de", status="invalid")
    with pytest.raises(Refused) as error:
        services.find_email(lead=anna, actor=ACTOR)
    assert error.value.code == "not_found"
    assert Identity.objects.get(lead=anna).status == "invalid"


def test_trouble_gives_the_question_back(anna, leadmagic):
    leadmagic.faults.append("402")
    with pytest.raises(Permanent):
        services.find_email(lead=anna, actor=ACTOR)
    assert services.budget_left() == 500


def test_the_budget_holds_for_finding_too(anna, settings):
    config = settings.OUTREACH.leadmagic.model_copy(update={"calls_per_day": 1})
    settings.OUTREACH = settings.OUTREACH.model_copy(update={"leadmagic": config})
    services.find_email(lead=anna, actor=ACTOR)
    other = make_lead("Bob Poe", company=anna.company)
    with pytest.raises(Refused) as error:
        services.find_email(lead=other, actor=ACTOR)
    assert error.value.code == "budget_used"


def test_in_the_sandbox_most_people_are_known_and_nobody_is_asked(leadmagic):
    company = make_company(domain="fabrikam.example")
    leads = [make_lead(f"Zoë Nr{number}", company=company) for number in range(30)]
    call_command("employee", "find-email", *[str(lead.pk) for lead in leads])
    addresses = set(Identity.objects.filter(lead__in=leads).values_list("address", flat=True))
    assert addresses < {f"zoe.nr{number}@fabrikam.example" for number in range(30)}
    found = len(addresses)
    assert 15 < found < 30
    assert leadmagic.requests == []


def test_the_page_of_a_lead_has_the_button_until_there_is_an_address(client, anna):
    client.force_login(make_user("operator"))
    page = f"/leads/{anna.pk}/"
    assert "Find the e-mail address" in client.get(page).content.decode()
    answer = client.post(f"/leads/{anna.pk}/find-email/", follow=True)
    assert "anna.lee@firm.de was found and added." in answer.content.decode()
    assert "Find the e-mail address" not in client.get(page).content.decode()


def test_a_reviewer_has_no_button_and_no_door(client, anna):
    client.force_login(make_user("reviewer"))
    assert "Find the e-mail address" not in client.get(f"/leads/{anna.pk}/").content.decode()
    assert client.post(f"/leads/{anna.pk}/find-email/").status_code == 403
    assert client.post(f"/api/v1/leads/{anna.pk}/find-email/").status_code == 403


def test_the_api(client, anna):
    client.force_login(make_user("operator"))
    answer = client.post(f"/api/v1/leads/{anna.pk}/find-email/")
    assert (answer.status_code, answer.json()["address"]) == (201, "anna.lee@firm.de")
    again = client.post(f"/api/v1/leads/{anna.pk}/find-email/")
    assert (again.status_code, again.json()["code"]) == (409, "has_address")


def test_the_command_answers_for_each(anna, capsys):
    other = make_lead("Bob Poe", company=anna.company)
    call_command("employee", "find-email", str(anna.pk), str(other.pk), "--json")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["address"], row["status"]) for row in rows] == [("anna.lee@firm.de", "valid"), ("", "not_found")]
