"""One call to a search service that speaks JSON: key from the environment, time-out, two retries, typed errors."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings

from outreach.core.errors import Permanent, Retryable
from outreach.core.words import gettext as _
from outreach.finding import ResearchService

RETRIES = 2
LONGEST_WAIT = 5.0
MAX_BYTES = 5 * 1024 * 1024


def service(name: str) -> ResearchService:
    """The settings of a service."""
    found: ResearchService = getattr(settings.OUTREACH.research, name)
    return found


def key_missing(name: str) -> str:
    """A sentence when the service has no key in the environment, else empty."""
    variable = service(name).api_key_env
    if os.environ.get(variable):
        return ""
    return _("%(name)s has no key: set the environment variable %(variable)s.") % {"name": name, "variable": variable}


def post(name: str, path: str, body: dict[str, Any], *, header: str) -> Any:
    """The JSON that the service `name` answers with. The key goes into `header` and nowhere else.

    Raises `Retryable` (`service_unavailable`, `service_limit`) after its retries, `Permanent` (`service_refused`,
    `service_credit`, `service_answer`).
    """
    policy = service(name)
    url = f"{policy.base_url.rstrip('/')}{path}"
    headers = {header: os.environ.get(policy.api_key_env, ""), "Accept": "application/json"}
    attempt = 0
    with httpx.Client(timeout=policy.timeout_seconds, follow_redirects=False, trust_env=False) as client:
        while True:
            try:
                answer = client.post(url, json=body, headers=headers)
            except httpx.TransportError as error:
                fault: Retryable = Retryable(
                    _("%(name)s did not answer: %(error)s.") % {"name": name, "error": type(error).__name__},
                    after=timedelta(minutes=1),
                    code="service_unavailable",
                )
            else:
                if answer.status_code < 400:
                    return _read(name, answer)
                fault = _passing(name, answer)
            if attempt == RETRIES or fault.after.total_seconds() > LONGEST_WAIT * 12:
                raise fault
            time.sleep(min(LONGEST_WAIT, settings.OUTREACH.llm.retry_base_seconds * 2**attempt))
            attempt += 1


def _passing(name: str, answer: httpx.Response) -> Retryable:
    """The fault as one that may pass; raises `Permanent` for one that will not."""
    status = answer.status_code
    gaps = {"name": name, "status": status}
    if status in {401, 403}:
        raise Permanent(_("%(name)s rejected the key (%(status)s).") % gaps, code="service_refused")
    if status == 402:
        raise Permanent(_("%(name)s requires payment (%(status)s).") % gaps, code="service_credit")
    if status == 429 or status >= 500 or status == 408:
        raw = answer.headers.get("retry-after", "")
        after = timedelta(seconds=min(3600, int(raw))) if raw.isascii() and raw.isdigit() else timedelta(seconds=1)
        code = "service_limit" if status == 429 else "service_unavailable"
        return Retryable(_("%(name)s is unavailable (%(status)s).") % gaps, after=after, code=code)
    detail = answer.text[:200].replace("\x00", "")
    raise Permanent(_("%(name)s rejected the request (%(status)s).") % gaps + f" {detail}", code="service_answer")


def _read(name: str, answer: httpx.Response) -> Any:
    if len(answer.content) > MAX_BYTES:
        raise Permanent(_("The answer of %(name)s is too large.") % {"name": name}, code="service_answer")
    try:
        return answer.json()
    except ValueError as error:
        raise Permanent(_("The answer of %(name)s is not JSON.") % {"name": name}, code="service_answer") from error


def text(value: Any) -> str:
    """A text of an answer, or empty: services leave out and mistype what their documentation promises."""
    return value.replace("\x00", "") if isinstance(value, str) else ""


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list in an answer; what is none is passed over."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def web_address(value: Any) -> str:
    """An http address of an answer, or empty."""
    url = text(value)
    return url if url.startswith(("https://", "http://")) and len(url) < 2_000 and url.isprintable() else ""
