"""SMS over Twilio's SDK."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from conversations.channels import fields, links
from conversations.channels.base import (
    Accepted,
    Account,
    Evidence,
    Fault,
    Finding,
    NotSent,
    OutcomeUnknown,
    Outgoing,
    Report,
)
from conversations.channels.connecting import never_connected
from conversations.channels.sms import callbacks, codes, media
from conversations.channels.sms.account import INFO
from outreach.core import clock
from outreach.core.addresses import normalise_phone
from outreach.core.errors import Invalid
from outreach.core.sms_segments import MAXIMUM_CHARACTERS
from outreach.web.sessions import guard

_FINAL = frozenset({"delivered", "read", "undelivered", "failed", "canceled"})
_CLOCK_SKEW = timedelta(seconds=30)
_SMART = str.maketrans("“”„‘’‚–—…\u00a0", "\"\"\"'''--. ")


class TwilioAdapter:
    """Implements `conversations.channels.base.Adapter`."""

    name = INFO.name
    channels = INFO.channels

    def __init__(self) -> None:
        self._kept = threading.local()

    def check_settings(self, account: Account) -> None:
        fields.check(INFO.settings, account.settings)
        fields.check(INFO.credentials, account.credentials)
        if not re.fullmatch(r"AC[0-9a-fA-F]{32}", str(account.settings["account_sid"])):
            raise Invalid("account_sid", "An account SID is AC followed by 32 hexadecimal digits.", code="malformed")
        service = str(account.settings.get("messaging_service_sid") or "")
        if service and not re.fullmatch(r"MG[0-9a-fA-F]{32}", service):
            raise Invalid("messaging_service_sid", "A messaging service SID is MG followed by 32 hexadecimal digits.")
        base_url = str(account.settings.get("base_url") or "")
        if base_url and not re.fullmatch(r"https?://[\w.:\[\]-]+", base_url):
            raise Invalid("base_url", "Enter a URL such as https://example.com:8443.", code="malformed")
        if not service and not account.address:
            raise Invalid("address", "Enter a number to send from or a messaging service.", code="missing")
        if account.address and not re.fullmatch(r"\d{3,8}|[A-Za-z][A-Za-z0-9 ]{0,10}", account.address):
            normalise_phone(account.address)

    def verify(self, account: Account) -> str:
        def fetch(client: Any) -> Any:
            return client.api.v2010.accounts(account.settings["account_sid"]).fetch()

        found = self._call(account, fetch)
        if found.status != "active":
            raise NotSent(Fault.SENDER, "20005", f"The Twilio account “{found.friendly_name}” is {found.status}.")
        return f"The Twilio account “{found.friendly_name}” is active. {self._check_origin(account)}"

    def _check_origin(self, account: Account) -> str:
        """That the messaging service exists, or that the number is this account's; a short code or name is taken as it is."""
        if service := str(account.settings.get("messaging_service_sid") or ""):
            try:
                found = self._call(account, lambda client: client.messaging.v1.services(service).fetch())
            except NotSent as error:
                if error.code in {"20404", "404"}:
                    raise codes.not_sent(21701, service) from error
                raise
            return f"The messaging service “{found.friendly_name}” exists."
        if not account.address.startswith("+"):
            return f"Messages leave as “{account.address}”; Twilio tells only when one is sent whether it may be used."
        numbers = self._call(
            account, lambda client: client.incoming_phone_numbers.list(phone_number=account.address, limit=1)
        )
        if not numbers:
            raise codes.not_sent(21659, account.address)
        if not numbers[0].capabilities.get("sms", True):
            raise codes.not_sent(21606, account.address)
        pictures = " and can send pictures" if numbers[0].capabilities.get("mms") else ""
        return f"The number {account.address} belongs to it{pictures}."

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        if len(outgoing.body) > MAXIMUM_CHARACTERS:
            raise codes.not_sent(21617)
        parameters: dict[str, Any] = {"to": outgoing.address, "body": outgoing.body}
        if service := account.settings.get("messaging_service_sid"):
            parameters["messaging_service_sid"] = service
        else:
            parameters["from_"] = account.address
        if outgoing.attachments:
            parameters["media_url"] = self._media_urls(account, outgoing)
        if url := self._callback_url(account, outgoing):
            parameters["status_callback"] = url
        message = self._call(account, lambda client: client.messages.create(**parameters))
        return Accepted(provider_id=message.sid, detail=str(message.status))

    def find(self, account: Account, outgoing: Outgoing) -> Evidence:
        """List what Twilio has for this number since the attempt began, and compare the texts.

        Only after `settle_seconds` does absence prove that Twilio never took it.
        """
        began = outgoing.attempted_at
        if began is None:
            return Evidence(Finding.CANNOT_TELL, "It is not known when the attempt began.")
        try:
            listed = self._call(account, lambda client: client.messages.list(to=outgoing.address, limit=100))
        except (NotSent, OutcomeUnknown) as error:
            return Evidence(Finding.CANNOT_TELL, error.reason)
        for message in listed:
            if self._is_it(message, account, outgoing, began):
                return Evidence(
                    Finding.FOUND, f"Twilio lists it as {message.sid} ({message.status}).", provider_id=message.sid
                )
        age = clock.now() - began
        if age < timedelta(seconds=int(INFO.value(account.settings, "settle_seconds"))):
            return Evidence(Finding.CANNOT_TELL, "Twilio does not list it yet; it may still be on its way there.")
        return Evidence(
            Finding.NOT_FOUND, f"Twilio lists no such message {int(age.total_seconds())} s after the attempt."
        )

    def reports(self, account: Account, outgoing: Outgoing, provider_id: str) -> list[Report]:
        """A message's outcome in the form of its status callback; empty while not final."""
        if not provider_id:
            return []
        message = self._call(account, lambda client: client.messages(provider_id).fetch())
        status = str(message.status)
        if status not in _FINAL:
            return []
        fields = {
            "MessageSid": provider_id,
            "MessageStatus": status,
            "ErrorCode": str(message.error_code or ""),
            "message_id": str(outgoing.id),
        }
        return [Report("twilio.status", f"{provider_id}:{status}", fields)]

    def close(self) -> None:
        self._kept = threading.local()

    @staticmethod
    def _is_it(message: Any, account: Account, outgoing: Outgoing, began: datetime) -> bool:
        created = message.date_created or message.date_sent
        if (
            created is None
            or created.replace(tzinfo=created.tzinfo or UTC) < began.replace(microsecond=0) - _CLOCK_SKEW
        ):
            return False
        service = account.settings.get("messaging_service_sid")
        if service:
            is_ours = message.messaging_service_sid == service
        else:
            is_ours = message.from_ in {account.address, None}
        return is_ours and _canonical(message.body).endswith(_canonical(outgoing.body))

    @staticmethod
    def _media_urls(account: Account, outgoing: Outgoing) -> list[str]:
        """Where Twilio fetches the files; raises `NotSent` for files that cannot go, before anything is asked."""
        urls = [links.media_url(hashlib.sha256(file.content).hexdigest()) for file in outgoing.attachments]
        try:
            media.check_files((file.name, file.media_type, len(file.content)) for file in outgoing.attachments)
            has_service = bool(account.settings.get("messaging_service_sid"))
            media.check_origin(address=account.address, has_service=has_service)
            if not account.settings.get("base_url"):
                media.check_place(urls[0], is_public=callbacks.is_public(urls[0]))
        except Invalid as error:
            raise NotSent(Fault.MESSAGE, error.code, error.reason) from error
        return urls

    @staticmethod
    def _callback_url(account: Account, outgoing: Outgoing) -> str:
        """The callback for this message, unless the real Twilio could not reach it and would refuse the message."""
        url = outgoing.callback_url or callbacks.status_url(account.id, outgoing.id)
        return url if account.settings.get("base_url") or callbacks.is_public(url) else ""

    def _client(self, account: Account) -> Any:
        """One SDK client per account and thread, with persistent connections."""
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        key = (
            account.settings["account_sid"],
            account.credentials.get("auth_token"),
            account.settings.get("base_url"),
            INFO.value(account.settings, "timeout_seconds"),
        )
        clients: dict[Any, Any] = self._kept.__dict__.setdefault("clients", {})
        if key not in clients:
            logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # its INFO lines hold texts and numbers
            http = TwilioHttpClient(timeout=float(key[3]))
            guard(http.session)
            client = Client(key[0], key[1], http_client=http)
            if base_url := account.settings.get("base_url"):
                client.api.base_url = client.messaging.base_url = base_url
            clients[key] = client
        return clients[key]

    def _call(self, account: Account, request: Any) -> Any:
        """Call the API and sort what may go wrong into certain and not certain."""
        from requests import exceptions
        from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

        try:
            return request(self._client(account))
        except (TwilioRestException, TwilioServiceException) as error:
            raise _from_answer(error) from error
        except exceptions.ConnectTimeout as error:
            raise _no_connection(error) from error
        except exceptions.ConnectionError as error:
            if never_connected(error):
                raise _no_connection(error) from error
            raise _unknown("connection_lost", error) from error
        except exceptions.RequestException as error:
            raise _unknown("no_answer", error) from error
        except (TwilioException, ValueError, KeyError, TypeError) as error:
            raise _unknown("strange_answer", error) from error


def _from_answer(error: Any) -> NotSent | OutcomeUnknown:
    """The API answered with an error. Without Twilio's own code it came from a gateway, and the outcome is unknown."""
    code, status = int(error.code or 0), int(error.status or 0)
    message = str(getattr(error, "msg", "") or getattr(error, "title", ""))
    if code >= 10_000:
        known = codes.not_sent(code, message.removeprefix("Unable to create record: "))
        if code in codes.CODES:
            return known
        if status == 429:
            return NotSent(Fault.PASSING, str(code), known.reason, retry_after=timedelta(minutes=1))
        if status >= 500:
            return _unknown(str(code), error)
        if status in {401, 403}:
            return NotSent(Fault.SENDER, str(code), known.reason)
        return known
    if status == 429:
        return codes.not_sent(20429)
    if status == 401:
        return codes.not_sent(20003)
    if 400 <= status < 500:
        return NotSent(Fault.MESSAGE, str(status), f"Twilio refused the request with status {status}: {message}")
    return _unknown(f"http_{status}", error)


def _no_connection(error: Exception) -> NotSent:
    return NotSent(
        Fault.PASSING, "no_connection", f"Twilio cannot be reached: {error}", retry_after=timedelta(minutes=2)
    )


def _unknown(code: str, error: Exception) -> OutcomeUnknown:
    return OutcomeUnknown(code, f"Twilio didn't answer or the answer was unreadable: {str(error)[:300]}")


def _canonical(text: str) -> str:
    """The text as Twilio may have stored it: smart punctuation replaced, white space folded."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_SMART)).split())


ADAPTER = TwilioAdapter()
