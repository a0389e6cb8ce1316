"""Pages that only read ask the replica, where there is one that knows what their reader did."""

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.http import HttpResponse
from django.urls import reverse

from outreach.access.roles import Role
from outreach.core import replica
from outreach.core.replica import reads_only
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db
WHERE = "SELECT current_setting('application_name')"
HAS_ALL = "SELECT %s::text IS NULL"
"""As if the server were a replica that knows nothing new."""


@pytest.fixture
def server(monkeypatch):
    """The same database under the name of a replica, which can't be written to."""
    own = {
        **connection.settings_dict,
        "OPTIONS": {"application_name": "replica", "options": "-c default_transaction_read_only=on"},
    }
    monkeypatch.setattr(replica, "_avoided_until", 0.0)
    monkeypatch.setitem(settings.DATABASES, replica.ALIAS, own)
    connections[replica.ALIAS] = DatabaseWrapper(own, DEFAULT_DB_ALIAS)  # a test may not connect by another name
    yield own
    connections[replica.ALIAS].close()
    del connections[replica.ALIAS]


@reads_only
def page(request):
    with connection.cursor() as cursor:
        cursor.execute(WHERE)
        return HttpResponse(cursor.fetchone()[0])


@reads_only
def page_that_writes(request):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE written (id int)")
    return page(request)


def asked(rf, view, *, since="", method="get"):
    request = getattr(rf, method)("/")
    if since:
        request.COOKIES[replica.SINCE] = since
    return view(request).content.decode()


def test_a_page_is_read_from_the_replica_unless_its_reader_changed_something_since(rf, server, monkeypatch):
    monkeypatch.setattr(replica, "IS_CURRENT", HAS_ALL)
    assert asked(rf, page) == "replica"
    assert asked(rf, page, since="0/16B3748") == "outreach"
    assert asked(rf, page, since="'; DROP") == "replica", "what is no place is none"
    assert asked(rf, page, method="post") == "outreach"
    assert asked(rf, page, method="post") == "outreach", "everything else is as before"


def test_what_a_page_writes_after_all_is_written_on_the_primary(rf, server, monkeypatch):
    monkeypatch.setattr(replica, "IS_CURRENT", HAS_ALL)
    assert asked(rf, page_that_writes) == "replica"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM written")
        assert cursor.fetchone() == (0,)


def test_a_server_that_is_no_replica_is_not_asked(rf, server):
    assert asked(rf, page) == "outreach"


def test_a_replica_that_is_away_is_left_alone_for_a_while(rf, server):
    server["PORT"], server["HOST"] = "1", "127.0.0.1"
    assert asked(rf, page) == "outreach"
    assert replica._avoided_until > 0


def test_the_browser_remembers_the_place_of_a_change(client, server):
    client.force_login(make_user(Role.OPERATOR))
    client.get(reverse("reports:index"))
    assert replica.SINCE not in client.cookies
    client.post(reverse("leads:create"), {})
    assert replica.PLACE.fullmatch(client.cookies[replica.SINCE].value)
