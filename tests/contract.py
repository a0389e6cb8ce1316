"""`python -m tests.contract [--examples N]`: the API called as its schema allows and forbids, with all checks of schemathesis.

In this process, on a database of its own. Prints how many calls each phase made and every kind of failure with the call
that shows it. The suite does the same for a moment (tests/outreach/core/test_schema.py).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import django
from django.apps import apps

import tests.environment

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
    django.setup()

import schemathesis
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import setup_test_environment
from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator
from hypothesis import strategies as st
from rest_framework_simplejwt.tokens import AccessToken
from schemathesis import engine
from schemathesis.config import CacheConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events
from schemathesis.openapi.checks import JsonSchemaError, RejectedPositiveData
from schemathesis.transport.wsgi import WSGITransport

from campaigns.models import Campaign
from leads.models import Lead
from outreach.access.roles import Role
from tests.campaigns.factories import make_campaign, make_candidate
from tests.conversations.factories import make_message
from tests.leads.factories import make_company, make_lead
from tests.outreach.access.factories import make_user

PHASES = ("examples", "coverage", "fuzzing", "stateful")
NAMED: dict[str, Any] = {"campaign_id": Campaign, "lead_id": Lead}
"""Parameters that are not of the view's own model."""
PLACES = {"route": "default", "name": "local"}
"""Parameters that are no numbers."""
BEYOND_THE_SCHEMA = frozenset({"does_not_exist", "precondition_failed", "idempotency_key_reused"})
FORMATS = frozenset({"Enter a valid URL.", "Enter a valid email address.", "No file was submitted."})
"""What is not a `uri`, an `email` or a file for Django is for others."""
OF_SOCKETS = frozenset({"max_redirects", "verify", "cert", "proxies"})


@contextmanager
def database() -> Iterator[None]:
    """A database of its own, and no limit on requests."""
    logging.disable(logging.CRITICAL)
    setup_test_environment(debug=False)
    settings.OUTREACH = without_limit(settings.OUTREACH)
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.close()
        tests.environment.stop_postgres()


def without_limit(policy: Any) -> Any:
    """The policy with as many requests as anyone likes."""
    return policy.model_copy(update={"api": policy.api.model_copy(update={"requests_per_hour": 10_000_000})})


def make_world() -> str:
    """A row of most kinds; gives the token of an administrator."""
    make_candidate(make_campaign(), lead=make_lead(title="Painter", company=make_company()))
    make_message()
    return str(AccessToken.for_user(make_user(Role.ADMINISTRATOR)))


def description() -> Any:
    """The OpenAPI document."""
    return SchemaGenerator().get_schema(request=None, public=True)


def rows_of(path: str) -> dict[str, Any]:
    """The keys of rows that are there, for the parameters of an operation's path."""
    names = re.findall(r"{(\w+)}", path)
    try:
        view: Any = resolve(re.sub(r"{\w+}", "1", path)).func
    except Resolver404:
        return {}
    queryset = getattr(getattr(view, "cls", None), "queryset", None)
    found = {}
    for name in names:
        model = NAMED.get(name) or getattr(queryset, "model", None)
        row = model._default_manager.order_by("pk").first() if model is not None else None
        if row is not None:
            found[name] = row.pk
    return found


def address(path: str) -> str:
    """The path of an operation with rows that are there, else with the number 1."""
    rows = rows_of(path)
    return re.sub(r"{(\w+)}", lambda found: str(rows.get(found[1], PLACES.get(found[1], 1))), path)


schemathesis.openapi.format("uri", st.from_regex(r"https?://[a-z]{1,20}\.example(/[a-z0-9]{1,20})?", fullmatch=True))
schemathesis.openapi.format("email", st.from_regex(r"[a-z]{1,20}@[a-z]{1,20}\.example", fullmatch=True))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Most ids are of a row that is there; else all that is ever seen of most operations is “not found”."""
    if not case.path_parameters or (case.meta is not None and case.meta.is_negative_at(ParameterLocation.PATH)):
        return
    for name, key in rows_of(case.operation.path).items():
        if len(str(case.path_parameters[name])) % 3:
            case.path_parameters[name] = key


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """A schema says how a request is formed, not which rows exist and what the product's rules are.

    A refusal of a well-formed request is right when it says which rule (a typed `Invalid` with its field), which row,
    version or key it is about. Whatever field validation refuses, the schema has to say. An empty parameter is as good as
    none, and an answer with only the `fields` that were asked for lacks the others.
    """
    query = case.query or {}
    if isinstance(failure, RejectedPositiveData):
        told = json.loads(response.content)
        return not (told.get("field") or all(_is_beyond(fault, query) for fault in told.get("errors", [told])))
    if isinstance(failure, AcceptedNegativeData):
        return "" not in query.values()
    if isinstance(failure, JsonSchemaError):
        return not (str(query.get("fields", "")).strip() and "is a required property" in failure.message)
    return True


def _is_beyond(fault: dict[str, str], query: dict[str, Any]) -> bool:
    """Whether a fault is about a row, a version or a key, or about a format; not about the form of what was sent."""
    value = str(query.get(fault.get("parameter", ""), ""))
    return (
        fault["code"] in BEYOND_THE_SCHEMA
        or (fault["code"] == "invalid_choice" and value.removeprefix("-").isdecimal())
        or fault["detail"] in FORMATS
    )


_send = WSGITransport.send


def _send_in_process(transport: WSGITransport, case: Any, **kwargs: Any) -> Any:
    """Without the settings of sockets that probes for authentication bring along (schemathesis 4.32)."""
    return _send(transport, case, **{name: value for name, value in kwargs.items() if name not in OF_SOCKETS})


WSGITransport.send = _send_in_process  # type: ignore[method-assign]


@dataclass
class Found:
    """What a run did and what failed: kind → operation → count, with the first call that shows it."""

    calls: Counter[str] = field(default_factory=Counter)
    by_rules: int = 0
    failures: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    samples: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, kind: str, label: str, sample: str) -> None:
        self.failures[kind][label] += 1
        if (kind, label) not in self.samples:
            self.samples[kind, label] = sample
            print(f"-- {kind}: {label}\n{sample}\n", file=sys.stderr, flush=True)  # a run may take an hour

    def take(self, event: Any) -> None:
        if isinstance(event, events.NonFatalError):
            self.add("error", event.label, repr(event.value))
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            self.calls[event.phase.value] += len(recorder.interactions)
            self.by_rules += sum(recorder.filtered_failures.values())
            for case_id, checks in recorder.checks.items():
                for check in checks:
                    if check.failure_info is not None:
                        answer = recorder.find_response(case_id=case_id)
                        told = f"{answer.status_code} {answer.content[:500]!r}" if answer else ""
                        sample = (
                            f"{check.failure_info.code_sample}\n{check.failure_info.failure.message[:700]}\n-> {told}"
                        )
                        label = recorder.cases[case_id].value.operation.label
                        self.add(f"{check.name}: {check.failure_info.failure.title}", label, sample)


def configuration(*, examples: int = 1, phases: tuple[str, ...] = PHASES, seed: int = 1, **project: Any) -> Any:
    """All checks, with what a schema cannot say left out."""
    chosen = ProjectConfig(continue_on_failure=True, **project)
    chosen.generation.max_examples, chosen.generation.no_shrink = examples, True
    chosen.generation.allow_x00 = False  # no text may hold NUL
    refusals = chosen.checks.negative_data_rejection
    refusals.expected_statuses = [*refusals.expected_statuses, "412"]  # made-up versions, before the body is read
    for name in PHASES:
        getattr(chosen.phases, name).enabled = name in phases
    return SchemathesisConfig(projects=ProjectsConfig(default=chosen), seed=seed, cache=CacheConfig(enabled=False))


def run(token: str, *, only: str = "", **how: Any) -> Found:
    """Call every operation whose path matches `only`; the token is an administrator's."""
    config = configuration(headers={"Authorization": f"Bearer {token}"}, **how)
    schema = schemathesis.openapi.from_dict(description(), config=config)
    schema = schema.include(path_regex=only) if only else schema
    schema.app = get_wsgi_application()
    found = Found()
    for event in engine.from_schema(schema).execute():
        found.take(event)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=20, help="made-up calls of each operation in a phase")
    parser.add_argument("--phases", default=",".join(PHASES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="operations whose path matches")
    options = parser.parse_args()
    began = time.monotonic()
    with database():
        phases = tuple(options.phases.split(","))
        found = run(make_world(), examples=options.examples, phases=phases, seed=options.seed, only=options.only)
    for phase, count in found.calls.items():
        print(f"{phase}: {count:,} calls")
    print(f"refused by a rule of the product, with its place and sentence: {found.by_rules:,} calls")
    for kind, where in sorted(found.failures.items(), key=lambda entry: -entry[1].total()):
        print(f"== {kind}: {where.total():,} in {len(where)} operations")
        for label, count in where.most_common():
            print(f"  -- {label}: {count}\n{found.samples[kind, label]}\n")
    print(f"{found.calls.total():,} calls, {len(found.failures)} kinds of failures, {time.monotonic() - began:.0f} s")
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
