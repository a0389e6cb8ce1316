"""Every error of the API is a problem (RFC 9457), also one that never reaches a view."""

from __future__ import annotations

from base64 import b64encode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from outreach.access.roles import Role
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db
LEADS = "/api/v1/leads/"


@pytest.fixture
def operator(client):
    client.force_login(make_user(Role.OPERATOR))
    return client


def problem(response):
    assert response["Content-Type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == response.status_code
    assert found["type"] == "about:blank" and found["title"] and found["detail"] and found["code"]
    assert "Traceback" not in response.content.decode()
    assert int(response.headers.get("Content-Length", len(response.content))) == len(response.content)
    return found


def test_it_names_the_address_and_points_at_each_fault(operator):
    response = operator.post(LEADS, {"tags": ["a", ["b"]], "kind": "ghost"}, content_type="application/json")
    found = problem(response)
    assert (found["status"], found["instance"]) == (400, LEADS)
    assert {fault["pointer"] for fault in found["errors"]} == {"#/tags/1", "#/kind"}
    assert found["fields"]["kind"] == ['"ghost" is not a valid choice.']


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "parse_error"),
        (b"\xff\xfe", "application/json", 400, "parse_error"),
        (b'{"full_name": "a\\u0000b"}', "application/json", 400, "parse_error"),
        (b'{"full_name": "\\ud800"}', "application/json", 400, "parse_error"),
        (b"[" * 100_000, "application/json", 400, "parse_error"),
        (b'{"attributes": ' + b'{"a":' * 200 + b"1" + b"}" * 201, "application/json", 400, "parse_error"),
        (b"[1, 2]", "application/json", 400, "invalid"),
        (b"<a/>", "application/xml", 415, "unsupported_media_type"),
        (b"full_name=a%00b", "application/x-www-form-urlencoded", 400, "parse_error"),
        (b'{"full_name": "' + b"a" * 2_000 + b'"}', "application/json", 413, "too_large"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(operator, settings, body, kind, status, code):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000 if code == "too_large" else 1_000_000
    found = problem(operator.post(LEADS, body, content_type=kind))
    assert (found["status"], found["code"]) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nothing/", 404, "not_found"),
        ("get", "/api/v1/leads/999999/", 404, "not_found"),
        ("get", "/api/v1/leads/99999999999999999999999/", 404, "not_found"),
        ("get", "/api/v1/leads/a%00b/", 404, "not_found"),
        ("delete", LEADS, 405, "method_not_allowed"),
        ("get", f"{LEADS}?search=a%00b", 400, "parse_error"),
        ("get", f"{LEADS}?cursor=what", 404, "not_found"),
        ("get", f"{LEADS}?cursor={b64encode(b'p=abc').decode()}", 404, "not_found"),
        ("get", f"{LEADS}?cursor={b64encode(b'r=1&p=').decode()}", 404, "not_found"),
    ],
)
def test_an_address_that_is_not_there_is_a_problem_too(operator, method, path, status, code):
    found = problem(getattr(operator, method)(path))
    assert (found["status"], found["code"]) == (status, code)


def test_what_fails_before_any_view_is_told_in_the_same_form(client):
    client.raise_request_exception = False
    assert problem(client.get("/api/v1/me/"))["code"] == "not_authenticated"
    assert problem(client.get("/api/v1/me/", headers={"host": "evil.example"}))["code"] == "bad_request"
    assert problem(client.get("/api/v1/me/", headers={"authorization": "Bearer \xff"}))["status"] == 401


def test_a_fault_in_the_query_names_the_parameter(operator):
    found = problem(operator.get(LEADS, {"company": "x"}))
    assert found["errors"][0]["parameter"] == "company"


def test_an_upload_is_checked_as_a_json_body_is(operator):
    upload = SimpleUploadedFile("a.csv", b"name\nAnn\n")
    found = problem(operator.post("/api/v1/imports/", {"file": upload, "modus": "x"}))
    assert found["errors"][0]["code"] == "unknown_field"


def test_an_address_works_without_its_last_slash(operator):
    response = operator.post("/api/v1/leads", {"full_name": "Ann Lee"}, content_type="application/json")
    assert response.status_code == 201
    assert operator.get(f"/api/v1/leads/{response.json()['id']}").status_code == 200
