import pytest
from rest_framework.test import APIClient

from outreach.access.roles import Role
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(make_user(Role.VIEWER))
    return client


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("verdicts/?is_qualified=-59", "is_qualified"),
        ("leads/?company=x", "company"),
        ("leads/?page_size=5&limit=1978", "limit"),
        ("conversations/?sort=sideways", "sort"),
    ],
)
def test_a_parameter_that_is_not_of_its_type_is_refused_and_named(api, address, parameter):
    answer = api.get(f"/api/v1/{address}")
    assert answer.status_code == 400
    assert [fault["parameter"] for fault in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize("value", ["true", "False", "1", ""])
def test_what_is_of_its_type_or_empty_is_taken(api, value):
    assert api.get("/api/v1/verdicts/", {"is_qualified": value, "lead": ""}).status_code == 200


@pytest.mark.parametrize(("field", "value"), [("is_primary", 0), ("is_primary", "yes"), ("lead", True), ("address", 5)])
def test_a_value_of_another_type_is_refused_though_django_would_read_it(field, value):
    api = APIClient()
    api.force_authenticate(make_user(Role.OPERATOR))
    body = {"lead": 1, "channel": "email", "address": "ann@example.com", field: value}
    answer = api.post("/api/v1/identities/", body, format="json")
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"#/{field}"]


def test_a_number_where_a_text_is_asked_for_is_refused(api):
    api.force_authenticate(make_user(Role.OPERATOR))
    answer = api.post("/api/v1/leads/", {"full_name": 7}, format="json")
    assert answer.status_code == 400 and answer.json()["errors"][0]["pointer"] == "#/full_name"
