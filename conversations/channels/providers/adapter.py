"""Sends through one provider's API and sorts what may go wrong into certain and not certain.

A subclass says how its provider is called and what its refusals mean; everything else is the same for all.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from conversations.channels import fields
from conversations.channels.base import Accepted, Account, Evidence, Fault, Finding, NotSent, OutcomeUnknown, Outgoing
from conversations.channels.connecting import never_connected
from conversations.channels.email import mime
from conversations.channels.fields import AdapterInfo
from conversations.channels.providers.letter import letter
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.web.sessions import guard

SETTLES_AFTER = timedelta(minutes=30)
"""Only then does absence from a provider's records prove that it never took the message."""
_URL = re.compile(r"https?://[\w.:\[\]/-]+")
_ADDRESS = re.compile(
    r"\b(?:to|recipient|destination)\b.*(?:invalid|not a valid|illegal|malformed)|invalid.*`?\bto\b", re.IGNORECASE
)
_SENDER = re.compile(
    r"\bfrom\b|domain|verif|suspend|disabled|sender|account|credit|billing|paused|not authorized", re.IGNORECASE
)


@dataclass(frozen=True)
class Answer:
    """A provider's answer to a request. `code` and `message` are its own words for an error."""

    status: int
    code: str = ""
    message: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


class ProviderAdapter:
    """Implements `conversations.channels.base.Adapter` for one provider."""

    switches_tracking = True
    """Whether the provider lets a message say that its own open and click tracking stays off."""

    def __init__(self, info: AdapterInfo) -> None:
        self.info = info
        self.name = info.name
        self.channels = info.channels
        self._kept = threading.local()

    # what a provider says of itself

    def make_backend(self, account: Account) -> Any:
        """Anymail's backend for `account`, not opened yet."""
        raise NotImplementedError

    def answer_of(self, status: int, body: Mapping[str, Any], text: str) -> Answer:
        """The provider's own words in the body of an error."""
        raise NotImplementedError

    def fault_of(self, answer: Answer) -> Fault | None:
        """The subject of a refusal where the provider states it; None leaves it to status and text."""
        return None

    def check_more(self, account: Account) -> None:
        """Raise `Invalid` for settings that only this provider can judge."""

    def extra_headers(self, account: Account, outgoing: Outgoing) -> dict[str, str]:
        """Headers that the provider requires in the message."""
        return {}

    def before_sending(self, backend: Any, outgoing: Outgoing) -> None:
        """Prepare the kept session for one message."""

    def accepted(self, account: Account, message: Any) -> Accepted:
        """The provider's answer when it accepted the message."""
        identifier = str(message.anymail_status.message_id or "").strip("<>")
        return Accepted(provider_id=identifier, detail=self._said(identifier))

    def look_up(self, account: Account, outgoing: Outgoing) -> Evidence | None:
        """The provider's records; None where none can be queried. Raises `NotSent`, `OutcomeUnknown`."""
        return None

    def introduce(self, account: Account) -> str:
        """Sign in for real; a sentence. Raises `NotSent` or `OutcomeUnknown`."""
        raise NotImplementedError

    # the contract

    def check_settings(self, account: Account) -> None:
        fields.check(self.info.settings, account.settings)
        fields.check(self.info.credentials, account.credentials)
        mime.ascii_address(account.address)
        mime.plain(account.display_name, field="display_name")
        url = str(account.settings.get("base_url") or "")
        if url and not _URL.fullmatch(url):
            raise Invalid("base_url", "Enter a URL such as https://example.com/api.", code="malformed")
        for name, secret in account.credentials.items():
            if not str(secret).isascii():
                raise Invalid(name, "Keys can only contain ASCII characters.", code="not_ascii")
        self.check_more(account)

    def verify(self, account: Account) -> str:
        return self.introduce(account)

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused

        try:
            message = letter(
                account,
                outgoing,
                switches_tracking=self.switches_tracking,
                headers=self.extra_headers(account, outgoing),
            )
            backend = self.backend(account)
            self.before_sending(backend, outgoing)
            backend.send_messages([message])
            return self.accepted(account, message)
        except Invalid as error:
            raise NotSent(Fault.MESSAGE, error.code, str(error)) from error
        except AnymailRecipientsRefused as error:
            said = self._words(error)
            raise NotSent(Fault.ADDRESS, said.code or "refused", self._sentence(Fault.ADDRESS, said)) from error
        except AnymailAPIError as error:
            raise self._from_error(error) from error
        except AnymailError as error:  # raised while the request is being built: nothing was sent
            raise NotSent(Fault.MESSAGE, "not_supported", f"{self.info.label}: {str(error)[:300]}") from error

    def find(self, account: Account, outgoing: Outgoing) -> Evidence:
        """Ask the provider's records. Absence proves something only when the attempt is old enough."""
        try:
            evidence = self.look_up(account, outgoing)
        except (NotSent, OutcomeUnknown) as error:
            return Evidence(Finding.CANNOT_TELL, error.reason)
        if evidence is None:
            return Evidence(Finding.CANNOT_TELL, f"{self.info.label} has no list of messages that could be asked.")
        if evidence.finding is not Finding.NOT_FOUND:
            return evidence
        began = outgoing.attempted_at
        if began is None or clock.now() - began < SETTLES_AFTER:
            return Evidence(
                Finding.CANNOT_TELL, f"{self.info.label} does not list it yet; it may still be on its way there."
            )
        return evidence

    def close(self) -> None:
        self._kept = threading.local()

    # shared

    def backend(self, account: Account) -> Any:
        """One open backend per account and thread, with persistent connections."""
        kept: dict[Any, Any] = self._kept.__dict__.setdefault("backends", {})
        key = (account.id, repr(sorted(account.settings.items())), repr(sorted(account.credentials.items())))
        if key not in kept:
            backend = self.make_backend(account)
            backend.open()
            if (session := getattr(backend, "session", None)) is not None:
                guard(session)
            kept[key] = backend
        return kept[key]

    def timeout(self, account: Account) -> float:
        return float(self.info.value(account.settings, "timeout_seconds"))

    def not_taken(self, answer: Answer) -> NotSent | OutcomeUnknown:
        """The meaning of an error answer. A server error is inconclusive; a refusal is not."""
        if answer.status >= 500 or answer.status in {0, 408, 409} or 200 <= answer.status < 300:
            return self.unknown(f"http_{answer.status}", answer.message or "an unreadable answer")
        code = answer.code or str(answer.status)
        if answer.status == 429:
            wait = timedelta(minutes=1)
            return NotSent(
                Fault.PASSING, "429", f"{self.info.label} asked to slow down: {answer.message}", retry_after=wait
            )
        fault = self.fault_of(answer) or self._usual_fault(answer)
        if fault is Fault.PASSING:
            reason = f"{self.info.label} asks to try again later: {answer.message}"
            return NotSent(fault, code, reason, retry_after=timedelta(minutes=5))
        return NotSent(fault, code, self._sentence(fault, answer))

    @staticmethod
    def _usual_fault(answer: Answer) -> Fault:
        if answer.status in {401, 402, 403, 404}:
            return Fault.SENDER
        if _ADDRESS.search(answer.message):
            return Fault.ADDRESS
        return Fault.SENDER if _SENDER.search(answer.message) else Fault.MESSAGE

    def _sentence(self, fault: Fault, answer: Answer) -> str:
        begin = {
            Fault.ADDRESS: f"{self.info.label} refuses this address:",
            Fault.SENDER: f"{self.info.label} refuses this account; check the key, the domain and the plan:",
        }.get(fault, f"{self.info.label} refuses this message:")
        return f"{begin} {answer.message[:500]}".strip()

    def unknown(self, code: str, detail: str) -> OutcomeUnknown:
        return OutcomeUnknown(
            code, f"{self.info.label} didn't answer or its answer is inconclusive: {str(detail)[:300]}"
        )

    def unreachable(self, detail: object) -> NotSent:
        return NotSent(
            Fault.PASSING,
            "no_connection",
            f"{self.info.label} cannot be reached: {str(detail)[:300]}",
            retry_after=timedelta(minutes=2),
        )

    def _said(self, identifier: str) -> str:
        return f"{self.info.label} took it as {identifier}." if identifier else f"{self.info.label} took it."

    def _from_error(self, error: Any) -> NotSent | OutcomeUnknown:
        answer = self._words(error)
        if answer.status:
            return self.not_taken(answer)
        return self.from_network(error.__cause__ or error)

    def _words(self, error: Any) -> Answer:
        response = getattr(error, "response", None)
        if response is None or not hasattr(response, "status_code"):
            return Answer(0)
        return self._read(response)

    def _read(self, response: Any) -> Answer:
        try:
            body = response.json()
        except ValueError:
            body = {}
        text = str(response.text)[:500]
        return self.answer_of(int(response.status_code), body if isinstance(body, dict) else {}, text)

    def from_network(self, error: BaseException) -> NotSent | OutcomeUnknown:
        """A fault of the connection: certain only when nothing can have reached the provider."""
        from requests import exceptions

        if never_connected(error):
            return self.unreachable(error)
        return self.unknown("no_answer" if isinstance(error, exceptions.Timeout) else "connection_lost", str(error))

    def get(self, account: Account, path: str, **parameters: Any) -> Answer:
        """GET from the API in the kept session. Raises `NotSent` or `OutcomeUnknown` for anything but 200 and 404."""
        import requests

        backend = self.backend(account)
        try:
            response = backend.session.get(
                f"{str(backend.api_url).rstrip('/')}/{path}",
                params=parameters,
                timeout=self.timeout(account),
                **self.authentication(account),
            )
        except requests.RequestException as error:
            raise self.from_network(error) from error
        answer = self._read(response)
        if response.status_code == 200:
            try:
                body = response.json()
            except ValueError as error:
                raise self.unknown("strange_answer", response.text) from error
            return Answer(200, body=body if isinstance(body, dict) else {"items": body})
        if response.status_code == 404:
            return answer
        raise self.not_taken(answer)

    def authentication(self, account: Account) -> dict[str, Any]:
        """Arguments of `requests` that sign a request."""
        return {"headers": {"Authorization": f"Bearer {account.credentials.get('api_key', '')}"}}
