"""Training sets hold what was known before the first message, and what came of it."""

from __future__ import annotations

import csv
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from campaigns.learning import training
from campaigns.models import Campaign
from leads.models import Lead
from leads.qualification.models import Verdict
from leads.qualification.services import qualify, save_brief
from outreach.core import clock
from outreach.core.models import AuditEntry
from tests.campaigns.factories import make_campaign, make_user
from tests.campaigns.learning.test_services import write_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    brief = save_brief(
        name="Sellers", description="", factors={"keywords": {"wanted": ["people"]}}, use_model=False, created_by=None
    )
    return make_campaign(mode=Campaign.Mode.DAILY, state="sending", brief=brief)


def judge(candidate, *, days_ago: int) -> Verdict:
    (verdict,) = qualify(leads=[candidate.lead], brief=candidate.campaign.brief)
    Verdict.objects.filter(pk=verdict.pk).update(created_at=clock.now() - timedelta(days=days_ago))
    return verdict


def only_row(campaign):
    (row,) = training.rows(campaign)
    return row


def test_a_row_tells_verdict_features_and_outcome(campaign):
    candidate = write_to(campaign, outcome="positive", decision_maker=1.0)
    judge(candidate, days_ago=20)
    row = only_row(campaign)
    assert (row["feature_decision_maker"], row["outcome_positive"], row["converted"]) == (1.0, True, True)
    assert row["verdict_source"] == "rules" and row["factor_keywords"] is not None
    assert "Head of People" in row["profile_text"]
    assert set(row) == set(training.COLUMNS)


def test_a_verdict_from_after_the_first_message_is_not_used(campaign):
    judge(write_to(campaign), days_ago=1)
    row = only_row(campaign)
    assert row["accepted"] is None and row["verdict_source"] is None and row["profile_text"] is None


def test_a_profile_that_changed_since_is_left_out(campaign):
    candidate = write_to(campaign)
    judge(candidate, days_ago=20)
    Lead.objects.filter(pk=candidate.lead_id).update(title="CEO since the reply")
    row = only_row(campaign)
    assert row["verdict_source"] == "rules" and row["profile_text"] is None


def test_silence_is_open_until_the_horizon(campaign):
    write_to(campaign, days_ago=3)
    assert only_row(campaign)["converted"] is None


def test_silence_after_the_horizon_is_no_and_an_early_no_is_no(campaign):
    write_to(campaign, days_ago=15)
    write_to(campaign, days_ago=3, outcome="negative")
    assert [row["converted"] for row in training.rows(campaign)] == [False, False]


def test_erased_people_are_in_no_training_set(campaign):
    candidate = write_to(campaign)
    Lead.objects.filter(pk=candidate.lead_id).update(erased_at=clock.now())
    assert list(training.rows(campaign)) == []


def test_queries_do_not_grow_with_the_rows(campaign, django_assert_num_queries):
    for _number in range(12):
        write_to(campaign)
    with django_assert_num_queries(4):
        assert len(list(training.rows(campaign))) == 12


def test_duckdb_reads_the_parquet(campaign, tmp_path, capsys):
    duckdb = pytest.importorskip("duckdb")
    judge(write_to(campaign, outcome="won"), days_ago=20)
    path = tmp_path / "set.parquet"
    call_command("learn", "export", str(path), "--json")
    assert json.loads(capsys.readouterr().out)["rows"] == 1
    with duckdb.connect() as database:
        found = database.sql(f"SELECT converted, contacted_at, profile_text FROM '{path}'").fetchall()[0]
        kinds = dict(database.sql(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{path}')").fetchall())
    assert found[0] is True and "Head of People" in found[2]
    assert kinds["factor_pay"] == "DOUBLE" and kinds["contacted_at"] == "TIMESTAMP"


def test_csv_neutralises_formulas(campaign, tmp_path):
    candidate = write_to(campaign)
    Lead.objects.filter(pk=candidate.lead_id).update(title="=HYPERLINK(1)")
    judge(type(candidate).objects.get(pk=candidate.pk), days_ago=20)
    path = tmp_path / "set.csv"
    call_command("learn", "export", str(path))
    (row,) = csv.DictReader(path.open())
    assert row["profile_text"].startswith("'=")


@pytest.mark.parametrize("arguments", [("set.txt",), ("set.csv", "--campaign", "99999"), ("/nowhere/set.csv",)])
def test_a_mistake_is_one_clear_line(arguments):
    with pytest.raises((CommandError, SystemExit)):
        call_command("learn", "export", *arguments)


def test_a_download_is_audited_and_counted(campaign, client):
    write_to(campaign, outcome="won")
    user = make_user("operator")
    client.force_login(user)
    answer = client.get(reverse("campaigns:training-set", args=[campaign.pk]))
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("candidate,lead,campaign") and text.count("\n") == 2
    entry = AuditEntry.objects.get(action="training.exported")
    assert (entry.user, entry.data["format"]) == (user, "csv")


def test_a_viewer_downloads_nothing(campaign, client):
    client.force_login(make_user("viewer"))
    assert client.get(reverse("campaigns:training-set", args=[campaign.pk])).status_code == 403


def test_the_api_gives_one_campaigns_set_or_all_as_csv_and_parquet(client, campaign):
    write_to(campaign)
    write_to(make_campaign(mode=Campaign.Mode.DAILY, state="sending"))
    client.force_login(make_user("operator"))
    whole = b"".join(client.get("/api/v1/ml/training-set.csv").streaming_content).decode()
    assert len(list(csv.DictReader(whole.splitlines()))) == 2
    parquet = client.get("/api/v1/ml/training-set.parquet", {"campaign": campaign.pk})
    assert b"".join(parquet.streaming_content).startswith(b"PAR1")
    assert AuditEntry.objects.filter(action="training.exported").count() == 2
    assert client.get("/api/v1/ml/training-set.csv", {"campaign": 0}).status_code == 400
    client.force_login(make_user("reviewer"))
    assert client.get("/api/v1/ml/training-set.csv").status_code == 403
