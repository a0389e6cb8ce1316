"""While the database is away, everybody is told so at once, in the form they asked for."""

from unittest.mock import patch

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import RequestFactory

from outreach.core import availability, surfaces


def refused(*_arguments, **_options):
    raise OperationalError("connection refused") from psycopg.OperationalError("connection refused")


@pytest.fixture
def _away():
    with patch.object(DatabaseWrapper, "ensure_connection", refused):
        yield


@pytest.mark.usefixtures("_away")
def test_a_page_is_a_plain_503_that_needs_no_database(client):
    answer = client.get("/", HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert b"The database isn" in answer.content


@pytest.mark.usefixtures("_away")
def test_a_program_gets_json_and_a_fragment_a_sentence(client):
    answer = client.get("/api/v1/leads/")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_away")
    fragment = client.get("/", HTTP_HX_REQUEST="true")
    assert fragment.status_code == 503
    assert fragment["X-Problem"].startswith("The%20database")


@pytest.mark.usefixtures("_away")
def test_health_tells_live_from_ready(client):
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert [row["name"] for row in answer.json()["checks"]] == ["database"]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_is_told_from_a_statement_that_failed():
    with pytest.raises(OperationalError) as cut, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    assert availability.is_away(cut.value)
    with pytest.raises(OperationalError) as slow, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 10; SELECT pg_sleep(1)")
    assert not availability.is_away(slow.value)


def test_an_error_in_the_middle_of_a_page_is_503_too():
    request = RequestFactory().get("/campaigns/")
    try:
        refused()
    except OperationalError:
        answer = surfaces.server_error(request)
    assert answer.status_code == 503


def test_a_busy_database_is_waited_for():
    waits = []

    def busy(_connection):
        waits.append(1)
        if len(waits) < 3:
            availability._last_connected_at = float("inf")  # another request got a connection meanwhile
            refused()

    with patch.object(DatabaseWrapper, "ensure_connection", busy):
        availability.ensure_database()
    assert len(waits) == 3
