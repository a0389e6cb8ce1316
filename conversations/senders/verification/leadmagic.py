"""Leadmagic's API: whether a mailbox exists, and which address a person has.

Shapes after https://leadmagic.io/docs (email-validation, email-finder, credits). The key is read when it is used and
stands in no URL, log or error.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings

from conversations.senders.verification.verdicts import Checked, Found, Person
from outreach.core.errors import Invalid, Permanent, Retryable
from outreach.core.words import gettext as _

STATUSES = {
    "valid": "valid",
    "valid_catch_all": "risky",
    "catch_all": "risky",
    "invalid": "invalid",
    "unknown": "unknown",
}
"""Their word → ours. A domain that takes everything proves no mailbox: it bounces in three to five of a hundred."""
MAX_PATIENCE = timedelta(hours=1)


class Leadmagic:
    """Implements `verdicts.Verifier`. Stateless; one connection a question keeps threads apart."""

    name = "leadmagic"
    label = "Leadmagic"
    costs = True

    def __init__(self, *, base_url: str, api_key: str, timeout_seconds: float) -> None:
        self._base_url, self._api_key, self._timeout = base_url.rstrip("/"), api_key, timeout_seconds

    def verify(self, address: str) -> Checked:
        body = self._ask("POST", "/v1/people/email-validation", {"email": address})
        return _checked(str(body.get("email_status") or body.get("status") or ""))

    def find(self, person: Person) -> Found | None:
        asked = {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "domain": person.domain,
            "company_name": person.company,
        }
        body = self._ask("POST", "/v1/people/email-finder", {name: value for name, value in asked.items() if value})
        address = str(body.get("email") or "").strip()
        if "@" not in address:
            return None
        return Found(address, _checked(str(body.get("status") or body.get("email_status") or "")))

    def credits(self) -> float:
        """How many credits the account has left; asking is free."""
        try:
            return float(self._ask("GET", "/v1/credits").get("credits") or 0)
        except (TypeError, ValueError) as error:
            raise Retryable(_("Leadmagic's answer cannot be read."), code="strange_answer") from error

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        import httpx

        try:
            answer = httpx.request(
                method,
                f"{self._base_url}{path}",
                json=body,
                headers={"X-API-Key": self._api_key, "Accept": "application/json"},
                timeout=self._timeout,
            )
        except httpx.TimeoutException as error:
            raise Retryable(_("Leadmagic did not answer in time."), code="timeout") from error
        except httpx.HTTPError as error:
            reason = _("Leadmagic cannot be reached: %(error)s") % {"error": type(error).__name__}
            raise Retryable(reason, code="unreachable") from error
        if answer.status_code != 200:
            raise _fault(answer.status_code, answer.headers, _words(answer))
        try:
            found = answer.json()
        except ValueError as error:
            raise Retryable(_("Leadmagic's answer cannot be read."), code="strange_answer") from error
        if not isinstance(found, dict):
            raise Retryable(_("Leadmagic's answer cannot be read."), code="strange_answer")
        return found


def _checked(word: str) -> Checked:
    """An unknown word has no meaning."""
    return Checked(STATUSES.get(word.strip().lower(), "unknown"), word[:100])


def _words(answer: Any) -> str:
    """The service's own words in the body of an error: problem+json or `{"error": …, "message": …}`."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    return next((str(body[name])[:200] for name in ("detail", "message", "error", "title") if body.get(name)), "")


def _fault(status: int, headers: Mapping[str, str], words: str) -> Exception:
    if status in {401, 403}:
        return Permanent(
            _("Leadmagic rejected the key: %(words)s Check the key in the environment.") % {"words": words},
            code="key_refused",
        )
    if status == 402:
        return Permanent(_("The Leadmagic account has no credits left."), code="no_credits")
    if status in {400, 404, 422}:
        return Invalid("email", _("Leadmagic rejected the request: %(words)s") % {"words": words})
    text = headers.get("Retry-After", "")
    wait = timedelta(seconds=int(text)) if text.isdecimal() and len(text) < 6 else timedelta(minutes=1)
    if status == 429:
        return Retryable(_("Leadmagic asked to slow down."), after=min(wait, MAX_PATIENCE), code="slow_down")
    return Retryable(
        _("Leadmagic returned an error (status %(status)s).") % {"status": status},
        after=min(wait, MAX_PATIENCE),
        code="trouble",
    )


def configured() -> Leadmagic | None:
    """The client of this installation; None without a key or with a budget of nothing."""
    config = settings.OUTREACH.leadmagic
    key = os.environ.get(config.api_key_env, "").strip() if config.api_key_env else ""
    if not key or not config.calls_per_day:
        return None
    return Leadmagic(base_url=config.base_url, api_key=key, timeout_seconds=config.timeout_seconds)
