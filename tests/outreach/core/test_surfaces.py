"""Errors at the doors: pages, fragments, API; headers that every page has."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import path
from rest_framework.views import APIView

from outreach import urls
from outreach.access.roles import Role
from outreach.core.errors import Invalid, Permanent, Refused, Retryable
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db

ERRORS = {
    "invalid": (Invalid("email", "No address.", code="email_invalid"), 400),
    "refused": (Refused("Not now."), 409),
    "retryable": (Retryable("Later."), 503),
    "permanent": (Permanent("Never."), 422),
    "fault": (RuntimeError("secret detail"), 500),
}


def page(request, name):
    raise ERRORS[name][0]


class View(APIView):
    def get(self, request, name):
        raise ERRORS[name][0]


urlpatterns = [path("fails/<str:name>/", page), path("api/v1/fails/<str:name>/", View.as_view()), *urls.urlpatterns]


@pytest.fixture
def member(client, settings):
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    client.force_login(make_user(Role.VIEWER))
    return client


@pytest.mark.parametrize("name", ["invalid", "refused", "retryable", "permanent"])
def test_a_page_shows_a_typed_error_as_a_sentence(member, name):
    error, status = ERRORS[name]
    response = member.get(f"/fails/{name}/")
    assert response.status_code == status
    assert error.reason in response.content.decode()
    assert "<html" in response.content.decode()


@pytest.mark.parametrize("name", ["invalid", "refused", "retryable", "permanent"])
def test_a_fragment_gets_the_sentence_and_the_header_for_the_toast(member, name):
    error, status = ERRORS[name]
    response = member.get(f"/fails/{name}/", headers={"HX-Request": "true"})
    assert response.status_code == status
    assert "<html" not in response.content.decode()
    assert response["X-Problem"] == error.reason.replace(" ", "%20")


@pytest.mark.parametrize("name", ["invalid", "refused", "retryable", "permanent"])
def test_the_api_answers_with_code_and_detail(member, name):
    error, status = ERRORS[name]
    response = member.get(f"/api/v1/fails/{name}/")
    assert response.status_code == status
    assert response.json()["code"] == error.code
    assert response.json()["detail"] == error.reason
    assert response.json().get("field") == ("email" if name == "invalid" else None)
    assert ("Retry-After" in response) is (name == "retryable")


def test_a_fault_is_not_told_to_the_outside(member):
    api, shown = member.get("/api/v1/fails/fault/"), member.get("/fails/fault/")
    assert api.json()["code"] == "server_error"
    assert api.json()["detail"] == "Something went wrong on our side. The error has been logged."
    assert "Something went wrong on our side" in shown.content.decode()
    assert "secret detail" not in api.content.decode() + shown.content.decode()


def test_unknown_addresses_answer_in_the_language_of_the_door(member):
    assert member.get("/api/v1/nothing/").json()["code"] == "not_found"
    assert "Page not found" in member.get("/nothing/").content.decode()


def test_strangers_get_401_from_the_api_and_the_login_page_elsewhere(client):
    response = client.get("/api/v1/me/")
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"
    assert client.get("/")["Location"] == "/login/?next=/"


def test_a_missing_csrf_token_is_explained():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    response = client.post("/preferences/", {"theme": "dark"})
    assert response.status_code == 403
    assert "security token" in response.content.decode()


def test_our_pages_forbid_inline_code_and_foreign_hosts(client):
    client.force_login(make_user())
    policy = client.get("/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


@pytest.mark.parametrize("address", ["/admin/", "/api/docs/"])
def test_vendors_pages_have_a_wider_policy_without_foreign_hosts(client, address):
    client.force_login(make_user(Role.ADMINISTRATOR))
    policy = client.get(address)["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "*" not in policy


def test_every_error_page_has_the_policy_too(client):
    assert "default-src 'self'" in client.get("/login/")["Content-Security-Policy"]


def test_the_index_names_the_nouns_and_the_documents(client):
    client.force_login(make_user())
    index = client.get("/api/v1/").json()
    assert index["nouns"]["jobs"] == "http://testserver/api/v1/jobs/"
    assert index["docs"].endswith("/api/docs/")


def test_the_schema_is_valid_and_complete(client):
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.validation import validate_schema

    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    assert "/api/v1/me/" in schema["paths"]
    assert {"apiKey", "jwt"} <= set(schema["components"]["securitySchemes"])
    made_up = [name for name in schema["components"]["schemas"] if name[-7:-4].isdigit()]
    assert made_up == [], "choices whose name changes with every change of theirs: name them in ENUM_NAME_OVERRIDES"
