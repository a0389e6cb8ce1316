"""Any request that the API's own schema allows is answered as that schema says, and never by an error of ours."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from rest_framework_simplejwt.tokens import AccessToken
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from campaigns.models import Campaign
from leads.models import Lead
from outreach.access.roles import Role
from tests.campaigns.factories import make_campaign, make_candidate
from tests.conversations.factories import make_message
from tests.leads.factories import make_company, make_lead
from tests.outreach.access.factories import make_user

CHECKS = (not_a_server_error, response_schema_conformance)
pytestmark = pytest.mark.django_db
schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
schema.app = get_wsgi_application()
NAMED: dict[str, Any] = {"campaign_id": Campaign, "lead_id": Lead}
"""Parameters that are not of the view's own model."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A row of most kinds, made once and rolled back; gives the token of an administrator."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_candidate(make_campaign(), lead=make_lead(title="Painter", company=make_company()))
        make_message()
        yield str(AccessToken.for_user(make_user(Role.ADMINISTRATOR)))
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def one_connection(world: str, db: None) -> Iterator[None]:
    """As Django's own test client does: the test's transaction is not closed between requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=int(os.environ.get("SCHEMA_EXAMPLES", "3")),  # more by hand
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_an_answer_is_what_the_schema_says(case: Any, world: str) -> None:
    _lead_to_a_row(case)
    answer = case.call(headers={"Authorization": f"Bearer {world}"})
    case.validate_response(answer, checks=CHECKS)


def _lead_to_a_row(case: Any) -> None:
    """Most ids are of a row that is there; else all that is ever seen of most operations is “not found”."""
    try:
        view: Any = resolve(re.sub(r"{\w+}", "1", case.operation.path)).func
    except Resolver404:
        return
    queryset = getattr(getattr(view, "cls", None), "queryset", None)
    for name, made_up in (case.path_parameters or {}).items():
        model = NAMED.get(name) or getattr(queryset, "model", None)
        row = model._default_manager.order_by("pk").first() if model is not None else None
        if row is not None and len(str(made_up)) % 3:
            case.path_parameters[name] = row.pk
