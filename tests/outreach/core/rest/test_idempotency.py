"""The same POST with the same key is carried out once, and answered alike."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from leads import services as leads
from leads.directory.erasing import erase
from leads.models import Lead
from outreach.access.roles import Role
from outreach.access.services import create_api_key
from outreach.core import clock
from outreach.core.models import Actor, StoredAnswer
from outreach.core.rest.idempotency import RUNNING
from outreach.core.tasks import prune_answers
from outreach.llm.setup import services as models
from tests.leads.factories import make_lead
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db
ANN = {"full_name": "Ann Lee", "email": "ann.lee@acme-paints.com"}


@pytest.fixture
def operator(client):
    client.force_login(make_user(Role.OPERATOR))
    return client


def create(client, body=None, key="k-1", path="/api/v1/leads/", **headers):
    return client.post(
        path,
        ANN if body is None else body,
        content_type="application/json",
        headers={"Idempotency-Key": key, **headers},
    )


def test_a_repeat_gets_the_stored_answer_and_changes_nothing(operator):
    first, again = create(operator), create(operator)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first and again["Idempotent-Replayed"] == "true"
    assert Lead.objects.count() == 1


def test_the_key_may_stand_in_quotes_as_the_draft_writes_it(operator):
    create(operator, key='"k-1"')
    assert create(operator, key="k-1")["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("other", [{"body": {"full_name": "Bo Lund"}}, {"path": "/api/v1/companies/"}])
def test_another_request_with_the_same_key_is_refused(operator, other):
    create(operator)
    response = create(operator, **({"body": {"name": "Acme"}} if "path" in other else {}) | other)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")


def test_keys_of_different_credentials_do_not_meet():
    user = make_user(Role.OPERATOR)
    texts = [create_api_key(user=user, name=name, actor=Actor.of(user))[1] for name in ("a", "b")]
    for number, text in enumerate(texts):
        body = {"full_name": f"Ann {number}"}
        response = create(Client(), body, Authorization=f"Api-Key {text}")
        assert response.status_code == 201 and "Idempotent-Replayed" not in response


def test_an_error_is_not_kept(operator):
    assert create(operator, {"full_name": "Ann", "company": 999_999}).status_code == 400
    assert create(operator).status_code == 201


def test_a_fault_leaves_neither_effect_nor_answer(operator, monkeypatch):
    operator.raise_request_exception = False
    real = leads.create_lead

    def fails_after_work(**values):
        real(**values)
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(leads, "create_lead", fails_after_work)
        assert create(operator).status_code == 500
    assert not Lead.objects.exists() and not StoredAnswer.objects.exists()
    assert create(operator).status_code == 201


def test_a_second_request_while_the_first_runs_is_told_to_wait(operator):
    user = operator.session["_auth_user_id"]
    parameters = connection.get_connection_params()
    wanted = ("host", "port", "user", "dbname", "password")
    with psycopg.connect(**{name: parameters[name] for name in wanted if parameters.get(name)}) as first:
        first.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"answer user:{user} k-1"])
        response = create(operator)
    assert (response.status_code, response.json()["code"]) == (409, "in_flight")
    assert create(operator).status_code == 201


def ask_out(client):
    return create(client, {"model": "small"}, path="/api/v1/model-providers/own/test/")


@pytest.fixture
def calling_out(client, monkeypatch):
    """An operation that waits for somebody else; counts how often it does."""
    client.force_login(make_user(Role.ADMINISTRATOR))
    calls = []

    def work(**_given):
        calls.append(StoredAnswer.objects.get().status)
        return models.TestResult("small", f"answer {len(calls)}", "", 1, str(uuid4()))

    monkeypatch.setattr(models, "test_provider", work)
    return calls


def test_an_operation_that_calls_out_takes_the_key_first(client, calling_out):
    first, again = ask_out(client), ask_out(client)
    assert first.json() == again.json() and first.json()["answer"] == "answer 1"
    assert calling_out == [RUNNING]


def test_a_killed_call_keeps_the_key_for_a_quarter_of_an_hour(client, calling_out):
    ask_out(client)
    StoredAnswer.objects.update(status=RUNNING)
    assert ask_out(client).json()["code"] == "in_flight"
    StoredAnswer.objects.update(created_at=clock.now() - timedelta(minutes=16))
    assert ask_out(client).json()["answer"] == "answer 2"


def test_a_refused_call_gives_the_key_back(client):
    client.force_login(make_user(Role.ADMINISTRATOR))
    assert ask_out(client).status_code == 400  # there is no such provider
    assert not StoredAnswer.objects.exists()


def test_an_upload_is_recognised_by_its_content(operator):
    def upload(content):
        file = SimpleUploadedFile("people.csv", content)
        return operator.post("/api/v1/imports/", {"file": file, "kind": "people"}, headers={"Idempotency-Key": "k-2"})

    assert upload(b"name\nAnn\n").status_code == 201
    assert upload(b"name\nAnn\n")["Idempotent-Replayed"] == "true"
    assert upload(b"name\nBo\n").status_code == 422


def test_answers_are_forgotten_after_a_day(operator):
    create(operator)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        prune_answers()
    assert not StoredAnswer.objects.exists()


@pytest.mark.parametrize("key", ["", "a" * 256, "ключ"])
def test_a_malformed_key_is_refused(operator, key):
    assert create(operator, key=key).json()["code"] == "idempotency_key_malformed"


def test_what_was_answered_is_encrypted_and_goes_when_somebody_is_erased(operator):
    create(operator)
    assert "ann.lee@" not in StoredAnswer.objects.get().body_token
    erase(lead=make_lead(), actor=Actor.system("test"))
    again = create(operator)
    assert (again.status_code, again["Idempotent-Replayed"], again.content) == (201, "true", b"")
