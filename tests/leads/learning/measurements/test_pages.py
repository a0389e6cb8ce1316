"""A history is uploaded, measured in the background, shown with plots, and its file is gone."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from leads.learning import cards
from leads.learning.measurements import services
from leads.learning.models import Measurement
from outreach.jobs.models import Job
from tests.campaigns.factories import make_user
from tests.leads.learning import histories

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    user = make_user("operator")
    client.force_login(user)
    return user


def upload(client, data: bytes, **fields: str):
    file = SimpleUploadedFile("leads.csv", data, "text/csv")
    return client.post(reverse("learning:list"), {"file": file, "target": "Converted", "kind": "evaluation", **fields})


def measured() -> Measurement:
    row = Measurement.objects.latest("id")
    services.measure(row)
    return row


def page(client, row: Measurement) -> str:
    return client.get(reverse("learning:detail", args=[row.pk])).content.decode()


def test_an_evaluation_from_upload_to_plots(client, operator):
    answer = upload(client, histories.school(600))
    row = Measurement.objects.get()
    assert answer.url == reverse("learning:detail", args=[row.pk])
    assert row.job == Job.objects.get() and bytes(row.content).startswith(b"Prospect ID")
    assert "Measuring" in page(client, row)
    row = measured()
    text = page(client, row)
    assert text.count("<svg viewBox") == 3
    assert "Tags" in text and "Brier score" in text
    row.refresh_from_db()
    assert row.content is None


def test_a_simulation_compares_policies_with_estimates_from_a_log(client, operator):
    upload(client, histories.school(600, with_leaks=False), kind="simulation", time="Created")
    row = measured()
    text = page(client, row)
    assert "Nightly weights" in text and "Doubly robust" in text and "<svg viewBox" in text
    assert set(row.result["policies"]["nightly"]["off_policy"]) == {"true_rate", "ips", "snips", "dr"}


@pytest.mark.parametrize(
    ("data", "fields", "said"),
    [
        (b"a,b\n1,2\n", {}, "no column"),
        (b"", {}, "empty"),
        (histories.school(200), {"target": "Country"}, "same outcome"),
        (histories.school(200), {"target": "City"}, "different values"),
        (b"\x00\x01\x02" * 500, {}, ""),
    ],
)
def test_what_cannot_be_measured_says_why(client, operator, data, fields, said):
    answer = upload(client, data, **fields)
    if answer.status_code == 302:
        row = measured()
        assert row.problem and said in row.problem
        assert row.problem.split("“")[0].strip()[:20] in page(client, row)
    else:
        assert answer.status_code == 422 and said in answer.content.decode()


def test_a_file_that_is_too_large_is_refused(client, operator, monkeypatch):
    monkeypatch.setattr(services, "MOST_MEGABYTES", 0.00001)
    answer = upload(client, histories.school(200))
    assert answer.status_code == 422 and not Measurement.objects.exists()


def test_a_generated_world_needs_no_file(client, operator):
    client.post(reverse("learning:compare"), {"world": "drift", "seed": "3"})
    row = Measurement.objects.get()
    assert row.is_simulation and row.options == {"world": "drift", "seed": 3}


def test_measuring_twice_changes_nothing(client, operator):
    upload(client, histories.school(400))
    row = measured()
    first = row.result
    services.measure(row)
    assert row.result is first


def test_figures_and_card_can_be_downloaded(client, operator):
    upload(client, histories.school(400))
    row = measured()
    found = client.get(reverse("learning:detail", args=[row.pk]) + "?format=json").json()
    assert "auc" in found
    card = client.get(reverse("learning:detail", args=[row.pk]) + "?format=card").content.decode()
    assert card.startswith("# Model card: Converted") and "scikit-learn" in card and "Tags" in card
    assert set(cards.FIGURES) <= set(found)
    with translation.override("ru"):
        assert row.report["leak_reasons"]["Tags"].startswith("Некоторые его значения")


def test_a_viewer_measures_nothing(client):
    client.force_login(make_user("viewer"))
    assert client.get(reverse("learning:list")).status_code == 403
