"""Every operation that takes a body, for a moment: what nobody should send is refused with what and where."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.access.roles import Role
from tests import bodies, contract
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db
APART = 10


@pytest.fixture
def caller(settings: Any) -> bodies.Caller:
    settings.OUTREACH = contract.without_limit(settings.OUTREACH)
    return bodies.Caller(contract.make_world())


def test_a_hostile_body_is_refused_as_a_problem(caller):
    """Every tenth body for each operation, others for the next one."""
    for number, operation in enumerate(bodies.operations()):
        for name, (body, kind) in list(bodies.WHOLE.items())[number % APART :: APART]:
            caller.send(operation, name, body, kind)
    assert not caller.defects


def test_a_key_or_token_that_is_none_opens_nothing(caller):
    credentials = list(bodies.made_up_credentials(make_user(Role.ADMINISTRATOR)).items())
    for number, operation in enumerate(bodies.operations()):
        caller.send_as(operation, *credentials[number % len(credentials)])
    assert not caller.defects


def test_a_body_without_end_is_refused_before_it_is_understood(caller):
    operation = next(one for one in bodies.operations() if one.path == "/api/v1/leads/")
    for name, (body, kind) in bodies.LARGE.items():
        caller.send(operation, name, body, kind)
    assert not caller.defects and set(caller.statuses) <= {400, 413}
