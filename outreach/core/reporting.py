"""Errors reported to Sentry: an extra (`uv sync --extra sentry`), off without an address.

What leaves is the exception, where in our code it happened, and the name of the page: no variables, bodies, addresses of
pages (they may hold tokens), users or command lines; texts are masked as in logs.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from outreach.core.logs import masked
from outreach.operating import Sentry

if TYPE_CHECKING:
    from sentry_sdk.types import Event

KEPT = ("event_id", "timestamp", "platform", "level", "logger", "transaction", "release", "environment", "server_name",
        "sdk", "contexts", "exception", "logentry", "message", "modules", "threads")  # fmt: skip
"""All else in an event is left out."""


def start(target: Sentry) -> None:
    """Report errors of this process from now on; nothing happens without an address or without the library."""
    if target.dsn and find_spec("sentry_sdk"):
        import sentry_sdk

        sentry_sdk.init(**options(target))


def options(target: Sentry) -> dict[str, Any]:
    """What the library is started with."""
    from sentry_sdk.integrations.argv import ArgvIntegration
    from sentry_sdk.integrations.django import DjangoIntegration

    return {
        "dsn": target.dsn,
        "environment": target.environment,
        "before_send": scrubbed,
        "send_default_pii": False,
        "include_local_variables": False,
        "max_request_body_size": "never",
        "max_breadcrumbs": 0,
        "auto_enabling_integrations": False,
        "integrations": [DjangoIntegration()],
        "disabled_integrations": [ArgvIntegration()],
    }


def scrubbed(event: Event, _hint: dict[str, Any]) -> Event:
    """The event as it may leave the machine."""
    kept: Any = {name: masked(value) for name, value in event.items() if name in KEPT}
    if method := (event.get("request") or {}).get("method"):
        kept["request"] = {"method": method}
    return kept  # type: ignore[no-any-return]
