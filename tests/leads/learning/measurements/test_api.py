"""Evaluations over the API: upload, measured by a job, report."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leads.learning.measurements import services
from leads.learning.models import Measurement
from tests.campaigns.factories import make_user
from tests.leads.learning import histories

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/ml/evaluations/"


@pytest.fixture
def operator(client):
    client.force_login(make_user("operator"))
    return client


def send(client, data: bytes, **fields: str):
    return client.post(ADDRESS, {"file": SimpleUploadedFile("leads.csv", data, "text/csv"), **fields})


def test_a_history_is_measured_by_a_job_and_its_report_read(operator):
    answer = send(operator, histories.school(400), target="Converted", exclude="City, Visits")
    assert answer.status_code == 202, answer.content
    found = answer.json()
    assert (found["is_busy"], found["report"], found["kind"]) == (True, {}, "evaluation") and found["job"]
    services.measure(Measurement.objects.get(pk=found["id"]))
    found = operator.get(f"{ADDRESS}{found['id']}/").json()
    assert not found["is_busy"] and {"auc", "average_precision", "log_loss", "brier"} <= set(found["report"])
    assert "Tags" in found["report"]["leaks"] and found["report"]["left_out"]["City"] == "excluded"
    assert operator.get(f"{ADDRESS}{found['id']}/card/").content.startswith(b"# Model card: Converted")
    (listed,) = operator.get(ADDRESS).json()["results"]
    assert listed["name"] == "leads.csv" and "report" not in listed


def test_a_generated_world_needs_no_file(operator):
    answer = operator.post(ADDRESS, {"kind": "simulation", "world": "drift"}, content_type="application/json")
    assert answer.status_code == 202 and Measurement.objects.get().options["world"] == "drift"


@pytest.mark.parametrize(
    ("data", "fields", "field"),
    [
        (b"", {"target": "won"}, "file"),
        (b"a,b\n1,2\n", {"target": "won"}, "target"),
        (b"a,won\n1,2\n", {"target": "won", "time": "day"}, "time"),
        (b"a,won\n1,2\n", {"target": "won", "exclude": "won"}, "exclude"),
        (b"a,won\n1,2\n", {"target": "won", "kind": "labels"}, "text"),
        (b"a,won\n1,2\n", {}, "target"),
    ],
)
def test_what_cannot_be_measured_is_refused_at_once_and_names_the_field(operator, data, fields, field):
    answer = send(operator, data, **fields)
    assert answer.status_code in {400, 422}, answer.content
    assert field in answer.content.decode() and not Measurement.objects.exists()


def test_neither_file_nor_world_is_refused(operator):
    assert operator.post(ADDRESS, {}, content_type="application/json").status_code in {400, 422}


def test_a_viewer_reads_no_evaluation(client):
    client.force_login(make_user("viewer"))
    assert client.get(ADDRESS).status_code == 403
