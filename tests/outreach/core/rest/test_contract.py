"""Names that an operation doesn't know are refused with the nearest that it does."""

from __future__ import annotations

import pytest
from django.urls import get_resolver
from rest_framework.views import APIView as AnyView

from outreach.access.roles import Role
from outreach.core.rest.views import Common
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    client.force_login(make_user(Role.OPERATOR))
    return client


def send(client, path, body):
    response = client.post(path, body, content_type="application/json")
    return response.status_code, response.json()


def test_an_unknown_field_is_named_with_the_nearest_known_one(operator):
    status, found = send(operator, "/api/v1/leads/", {"full_name": "Ann Lee", "emial": "ann@example.com"})
    assert status == 400
    assert found["errors"] == [
        {"pointer": "#/emial", "code": "unknown_field", "detail": "Unknown field “emial”. Did you mean “email”?"}
    ]


def test_a_field_that_only_the_product_sets_is_not_accepted(operator):
    status, found = send(operator, "/api/v1/leads/", {"full_name": "Ann Lee", "erased_at": None})
    assert (status, found["errors"][0]["pointer"]) == (400, "#/erased_at")


def test_nested_fields_are_checked_with_their_place(operator):
    body = {"name": "Painters", "steps": [{"action": "message"}, {"delay": 3}]}
    status, found = send(operator, "/api/v1/campaigns/", body)
    assert (status, found["errors"][0]["pointer"]) == (400, "#/steps/1/delay")
    assert "delay_days" in found["detail"]


def test_an_object_with_free_keys_takes_any(operator):
    status, _found = send(operator, "/api/v1/leads/", {"full_name": "Ann Lee", "attributes": {"shoe_size": 38}})
    assert status == 201


def test_an_unknown_parameter_is_refused(operator):
    found = operator.get("/api/v1/leads/", {"serach": "Ann"})
    assert found.status_code == 400
    assert found.json()["errors"] == [
        {
            "parameter": "serach",
            "code": "unknown_parameter",
            "detail": "Unknown parameter “serach”. Did you mean “search”?",
        }
    ]


def test_strangers_learn_nothing_about_names(client):
    assert client.get("/api/v1/leads/", {"serach": "Ann"}).status_code == 401


def test_an_operation_without_a_body_takes_none(operator):
    operator.force_login(make_user(Role.ADMINISTRATOR))
    status, found = send(operator, "/api/v1/campaigns/1/start/", {"at": "noon"})
    assert (status, found["errors"][0]["code"]) == (400, "unknown_field")


def api_views():
    def walk(patterns, prefix):
        for entry in patterns:
            path = prefix + str(entry.pattern)
            yield from walk(entry.url_patterns, path) if hasattr(entry, "url_patterns") else [(path, entry.callback)]

    views = ((path, getattr(callback, "cls", None)) for path, callback in walk(get_resolver().url_patterns, ""))
    return {cls for path, cls in views if path.startswith("api/v1/") and cls is not None and issubclass(cls, AnyView)}


def test_every_view_of_the_api_stands_on_the_common_base():
    assert len(api_views()) > 40
    assert not {view.__name__ for view in api_views() if not issubclass(view, Common)}
