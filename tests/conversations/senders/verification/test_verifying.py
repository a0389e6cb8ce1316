"""Verdicts land on the address, once, within the budget; trouble ends a check and loses nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from conversations.senders.verification import services
from leads.models import Identity
from outreach.core import clock
from outreach.limits import services as limits
from tests.leads.factories import make_lead

pytestmark = pytest.mark.django_db


def identities(count, domain="firm.de"):
    return [make_lead(f"P {n}", email=f"p{n}@{domain}").identities.get().pk for n in range(count)]


def statuses(ids):
    return list(Identity.objects.filter(pk__in=ids).order_by("id").values_list("status", flat=True))


def allow(settings, calls):
    config = settings.OUTREACH.leadmagic.model_copy(update={"calls_per_day": calls})
    settings.OUTREACH = settings.OUTREACH.model_copy(update={"leadmagic": config})


def test_each_verdict_is_kept_with_who_said_it_and_when(leadmagic):
    ids = identities(3)
    leadmagic.statuses |= {"p1@firm.de": "invalid", "p2@firm.de": "catch_all"}
    tally = services.verify_identities(identity_ids=ids)
    assert statuses(ids) == ["valid", "invalid", "risky"]
    assert (tally.asked, tally.valid, tally.invalid, tally.risky, tally.note) == (3, 1, 1, 1, "")
    assert Identity.objects.get(pk=ids[1]).status_reason == f"Leadmagic, {clock.now().date()}: invalid"


def test_a_settled_address_is_not_asked_for_again(leadmagic):
    ids = identities(2)
    services.verify_identities(identity_ids=ids)
    services.verify_identities(identity_ids=ids)
    assert len(leadmagic.requests) == 2


def test_what_a_person_decided_meanwhile_stays(leadmagic):
    (pk,) = identities(1)
    row = Identity.objects.get(pk=pk)
    Identity.objects.filter(pk=pk).update(status="invalid", status_reason="by hand")
    services.keep(row, services.Checked("valid", "valid"), by="Leadmagic")
    assert Identity.objects.get(pk=pk).status_reason == "by hand"


def test_the_budget_of_a_day_is_kept_and_comes_back(leadmagic, settings):
    allow(settings, 10)
    ids = identities(12)
    tally = services.verify_identities(identity_ids=ids)
    assert (tally.asked, len(leadmagic.requests)) == (10, 10)
    assert "budget" in tally.note
    assert services.budget_left() == 0
    with time_machine.travel(clock.now() + timedelta(hours=26)):
        assert services.budget_left() == 10
        assert services.verify_identities(identity_ids=ids).asked == 2


def test_a_refused_key_ends_the_check_and_costs_no_budget(leadmagic):
    leadmagic.faults.extend(["401"] * 8)
    ids = identities(20)
    tally = services.verify_identities(identity_ids=ids)
    assert (tally.asked, len(leadmagic.requests)) == (0, 8)
    assert "rejected the key" in tally.note
    assert services.budget_left() == 500
    assert set(statuses(ids)) == {"unknown"}


def test_slow_down_is_obeyed_until_its_time(leadmagic):
    leadmagic.faults.append("429")
    ids = identities(20)
    tally = services.verify_identities(identity_ids=ids)
    assert (tally.asked, tally.note) == (7, "Leadmagic asked to slow down.")
    assert services.verify_identities(identity_ids=ids).asked == 0
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        assert services.verify_identities(identity_ids=ids).asked == 13


def test_trouble_with_one_address_does_not_stop_the_others(leadmagic):
    leadmagic.faults.append("500")
    ids = identities(10)
    tally = services.verify_identities(identity_ids=ids)
    assert (tally.asked, tally.note) == (9, "")
    assert sorted(statuses(ids)).count("unknown") == 1


def test_an_outage_ends_the_check(leadmagic):
    leadmagic.faults.extend(["503"] * 100)
    tally = services.verify_identities(identity_ids=identities(20))
    assert (tally.asked, len(leadmagic.requests)) == (0, 8)
    assert "returned an error" in tally.note


def test_a_question_that_is_not_taken_is_an_answer(leadmagic):
    leadmagic.faults.append("422")
    (pk,) = identities(1)
    assert services.verify_identities(identity_ids=[pk]).unknown == 1
    assert "rejected the request" in Identity.objects.get(pk=pk).status_reason


def test_real_addresses_are_asked_for_at_no_sandbox_and_reserved_ones_at_no_service(leadmagic, monkeypatch):
    reserved = make_lead("A B", email="anna+bounces@fabrikam.example").identities.get()
    services.verify_identities(identity_ids=[reserved.pk])
    reserved.refresh_from_db()
    assert (reserved.status, leadmagic.requests) == ("invalid", [])
    monkeypatch.delenv("LEADMAGIC_API_KEY")
    tally = services.verify_identities(identity_ids=identities(1))
    assert (tally.asked, tally.note.startswith("No key")) == (0, True)


@pytest.mark.parametrize(
    ("character", "status"),
    [("bounces", "invalid"), ("refused", "invalid"), ("full", "risky"), ("unknown", "unknown"), ("books", "valid")],
)
def test_in_the_sandbox_the_character_decides(character, status):
    row = make_lead("A B", email=f"anna+{character}@fabrikam.example").identities.get()
    services.verify_identities(identity_ids=[row.pk])
    row.refresh_from_db()
    assert row.status == status
    assert row.status_reason.startswith("Sandbox, ")


def test_progress_is_told(leadmagic):
    told = []
    services.verify_identities(identity_ids=identities(10), progress=told.append)
    assert told == [8, 10]


def test_two_checks_at_once_share_one_budget(leadmagic, settings):
    allow(settings, 5)
    assert limits.take(services.BUDGET, 4, services.budget(), clock.now()) == 4
    assert services.verify_identities(identity_ids=identities(3)).asked == 1
