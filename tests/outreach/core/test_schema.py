"""Any request that the API's own schema allows is answered as that schema says, and what it forbids is refused."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings

from tests import contract

pytestmark = pytest.mark.django_db
schema = schemathesis.openapi.from_dict(contract.description(), config=contract.configuration())
schema.app = get_wsgi_application()
shown = schema.include(lambda context: zlib.crc32(context.operation.label.encode()) % 3 == 0)
"""A third of the operations, the same each time; all of them, with more calls, by `python -m tests.contract`."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A row of most kinds, made once and rolled back; gives the token of an administrator."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield contract.make_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def one_connection(world: str, db: None) -> Iterator[None]:
    """As Django's own test client does: the test's transaction is not closed between requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@shown.parametrize()
@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_an_answer_is_what_the_schema_says(case: Any, world: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {world}"})
