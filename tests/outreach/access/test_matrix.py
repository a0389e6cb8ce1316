"""Every page, operation and admin action against the reviewed table, and against who really comes in.

After a change of addresses or roles write the table again, as `matrix` says, and read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from outreach.access.roles import Role
from tests.outreach.access import matrix
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("matrix.txt")
REFUSED = {401, 403}


def clients():
    """One for each role, and for a stranger."""
    found = {matrix.ANYONE: Client(raise_request_exception=False)}
    for role in Role:
        found[str(role)] = Client(raise_request_exception=False)
        found[str(role)].force_login(make_user(role))
    return found


def ask(client, door, method):
    body = {"content_type": "application/json"} if door.route.startswith("api/") and method != "GET" else {}
    return getattr(client, method.lower())(door.address, **body)


def is_let_in(response):
    is_sent_to_sign_in = response.status_code == 302 and response["Location"].startswith(("/login/", "/admin/login/"))
    return response.status_code not in REFUSED and not is_sent_to_sign_in


def methods(door):
    return ("GET", "POST") if door.method == "*" else (door.method,)


def test_the_table_is_what_was_reviewed():
    assert matrix.table() == TABLE.read_text().splitlines()


def test_the_role_below_is_refused_everywhere():
    by_role = clients()
    guarded = [door for door in matrix.doors() if door.role != matrix.ANYONE]
    assert len(guarded) > 400
    wrong = []
    for door in guarded:
        below = matrix.ROLES[matrix.ROLES.index(door.role) - 1]
        for method in methods(door):
            response = ask(by_role[below], door, method)
            if is_let_in(response) and response.status_code != 405:
                wrong.append((below, method, door.address, response.status_code))
    assert not wrong


def test_the_role_itself_comes_in_and_nothing_fails():
    """Strangers may be sent on by a page of theirs, and a webhook asks for a signature; only faults count there."""
    by_role = clients()
    wrong = []
    for door in matrix.doors():
        method = "GET" if door.method == "*" else door.method
        response = ask(by_role[door.role], door, method)
        is_shut_out = door.role != matrix.ANYONE and not is_let_in(response)
        is_health = door.address.startswith("/health/")  # 503 is what it says of a system in which no lane runs
        if is_shut_out or (response.status_code >= 500 and not is_health):
            wrong.append((door.role, method, door.address, response.status_code))
    assert not wrong


def test_the_admin_is_closed_below_operators():
    client = clients()[str(Role.REVIEWER)]
    routes = [route for route in matrix.admin_routes() if "object_id" not in route]
    addresses = {matrix.Door("", "GET", route).address for route in routes}
    assert len(addresses) > 100
    shut_out = {address for address in addresses if not is_let_in(client.get(address))}
    assert addresses - shut_out <= {"/admin/login/", "/admin/logout/", "/admin/jsi18n/"}
