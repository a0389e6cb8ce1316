"""What lists say about people who must not be written to."""

import pytest

from conversations.consent.models import Suppression
from conversations.consent.services import is_suppressed
from leads.imports import services
from leads.imports.columns.mapping import about_opt_outs, propose
from leads.imports.columns.opt_outs import reason_of
from leads.models import Lead
from outreach.core.errors import Invalid
from tests.leads.factories import run_import, upload


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("opt_out", "2025-11-02 10:00:00", "opt_out"),
        ("opt_out", "02.11.2025", "opt_out"),
        ("opt_out", "3/4/2025", "opt_out"),
        ("opt_out", "TRUE", "opt_out"),
        ("opt_out", "да", "opt_out"),
        ("opt_out", "Opted-out", "opt_out"),
        ("opt_out", "0", ""),
        ("opt_out", "No", ""),
        ("opt_out", "", ""),
        ("opt_out", "Marked as spam", "complaint"),
        ("subscription", "Unsubscribed", "opt_out"),
        ("subscription", "SUBSCRIBED", ""),
        ("subscription", "Cleaned", "bounce"),
        ("subscription", "true", ""),
        ("subscription", "catch-all", ""),
        ("bounced", "2025-01-01", "bounce"),
        ("bounced", "false", ""),
    ],
)
def test_cells_of_these_columns_are_understood(field, text, reason):
    assert reason_of(field, text) == reason


def test_a_cell_that_is_neither_yes_nor_no_is_asked_about():
    with pytest.raises(Invalid) as caught:
        reason_of("opt_out", "perhaps")
    assert caught.value.code == "opt_out_unclear"


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("UNSUB_TIME", "opt_out"),
        ("Unsubscribed from all email", "opt_out"),
        ("Email Opt Out", "opt_out"),
        ("HasOptedOutOfEmail", "opt_out"),
        ("Do Not Contact", "opt_out"),
        ("Не писать", "opt_out"),
        ("Marketing status", "subscription"),
        ("Email Marketing Consent", "subscription"),
        ("Email hard bounce reason", "bounced"),
        ("CLEAN_TIME", "bounced"),
    ],
)
def test_programs_call_it_differently(column, field):
    assert [p.field for p in propose(kind="people", columns=["email", column])] == ["email", field]


@pytest.mark.django_db
def test_people_who_had_opted_out_elsewhere_come_in_suppressed_with_the_list_as_evidence():
    batch = run_import(
        "Email,First Name,UNSUB_TIME,UNSUB_REASON\nann@firm.example,Ann,2025-11-02 10:00:00,Spammy\nben@firm.example,Ben,,\n"
    )
    row = Suppression.objects.get()
    assert (row.reason, row.address, row.channel) == ("opt_out", "ann@firm.example", "")
    assert "UNSUB_TIME" in row.evidence
    assert f"import {batch.pk}" in row.evidence
    assert batch.counts["opted_out"] == 1
    ann, ben = Lead.objects.order_by("first_name")
    assert is_suppressed(lead=ann, channel="email", address="ann@firm.example")
    assert not is_suppressed(lead=ben, channel="email", address="ben@firm.example")


@pytest.mark.django_db
def test_an_opt_out_outlives_the_undo_of_its_import_and_comes_once():
    text = "Email,Do Not Contact\nann@firm.example,yes\n"
    run_import(text)
    run_import(text)
    assert Suppression.objects.filter(lifted_at=None).values_list("address", flat=True).distinct().count() == 1


@pytest.mark.django_db
def test_several_columns_may_speak_of_it_and_the_strongest_of_them_counts():
    run_import("Email,Email Opt Out,Marketing status\nann@firm.example,0,Unsubscribed\nben@firm.example,1,Subscribed\n")
    assert set(Suppression.objects.values_list("address", flat=True)) == {"ann@firm.example", "ben@firm.example"}


@pytest.mark.django_db
def test_a_column_about_opt_outs_that_is_left_out_is_named():
    columns = ["Email", "GDPR consent", "City"]
    assert about_opt_outs(columns, {"Email": "email"}) == ["GDPR consent"]
    batch = run_import("Email,GDPR consent\nann@firm.example,no\n")
    assert batch.counts["unused_opt_out_columns"] == ["GDPR consent"]


@pytest.mark.django_db
def test_a_dry_run_counts_opt_outs_and_suppresses_nobody():
    batch = upload("Email,Unsubscribed\nann@firm.example,yes\n")
    services.dry_run(batch=batch)
    batch.refresh_from_db()
    assert batch.trial["opted_out"] == 1
    assert not Suppression.objects.exists()
