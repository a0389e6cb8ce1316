"""Sends over Amazon SES. It replaces our Message-ID with its own, which is stored with the message.

The SDK's own retries are off: a request whose answer was lost may have been taken, and only evidence may repeat it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conversations.channels.base import Accepted, Account, Fault, NotSent, OutcomeUnknown
from conversations.channels.providers.adapter import Answer, ProviderAdapter
from conversations.channels.providers.ses.account import INFO
from outreach.core.errors import Invalid, OutreachError
from outreach.web.sessions import require_allowed

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_ARN = re.compile(r"arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+")
_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"}
_ACCOUNT = {
    *("AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException"),
    *("UnrecognizedClientException", "InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDeniedException"),
    *("InvalidSignatureException", "ExpiredTokenException", "NotFoundException"),
}
_BAD_ADDRESS = re.compile(
    r"missing final '@|domain (?:contains|starts|ends)|local address contains|invalid domain name|address.*suppress"
    r"|illegal address|invalid email address",
    re.IGNORECASE,
)


class SesAdapter(ProviderAdapter):
    switches_tracking = False

    def check_more(self, account: Account) -> None:
        if not _REGION.fullmatch(str(account.settings["region"])):
            raise Invalid("region", "Enter a region such as eu-central-1.", code="malformed")
        topic = str(account.settings.get("topic_arn") or "")
        if topic and not _ARN.fullmatch(topic):
            raise Invalid("topic_arn", "Enter an ARN in the form arn:aws:sns:region:account:name.", code="malformed")

    def make_backend(self, account: Account) -> Any:
        from anymail.backends.amazon_ses import EmailBackend

        timeout = self.timeout(account)
        client: dict[str, Any] = {
            "region_name": account.settings["region"],
            "aws_access_key_id": account.settings["access_key_id"],
            "aws_secret_access_key": account.credentials.get("api_key", ""),
            "config": {"connect_timeout": timeout, "read_timeout": timeout, "retries": {"total_max_attempts": 1}},
        }
        if url := account.settings.get("base_url"):
            try:
                require_allowed(url)
            except OutreachError as error:
                raise NotSent(Fault.PASSING, error.code, error.reason) from error
            client["endpoint_url"] = url
        return EmailBackend(
            session_params={},
            client_params=client,
            configuration_set_name=account.settings.get("configuration_set") or None,
        )

    def accepted(self, account: Account, message: Any) -> Accepted:
        taken = super().accepted(account, message)
        region = str(account.settings["region"])
        host = "email" if region == "us-east-1" else region
        return Accepted(taken.provider_id, taken.detail, rfc_message_id=f"{taken.provider_id}@{host}.amazonses.com")

    def answer_of(self, status: int, body: Mapping[str, Any], text: str) -> Answer:
        return Answer(
            status, str(body.get("Code") or ""), str(body.get("Message") or body.get("message") or text), body
        )

    def not_taken(self, answer: Answer) -> NotSent | OutcomeUnknown:
        if answer.code in _THROTTLED:
            return super().not_taken(Answer(429, answer.code, answer.message))
        return super().not_taken(answer)

    def fault_of(self, answer: Answer) -> Fault | None:
        if answer.code in _ACCOUNT or "not verified" in answer.message:
            return Fault.SENDER
        return Fault.ADDRESS if _BAD_ADDRESS.search(answer.message) else None

    def introduce(self, account: Account) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = self.backend(account).client.get_account()
        except (BotoCoreError, ClientError) as error:
            raise self._sorted(error) from error
        if not found.get("SendingEnabled", False):
            raise self.not_taken(Answer(403, "SendingPausedException", "sending is paused for this account"))
        if not found.get("ProductionAccessEnabled", False):
            return "Amazon SES knows the key; the account is in SES's own sandbox and reaches verified addresses only."
        return "Amazon SES knows the key, and the account may send."

    def _words(self, error: Any) -> Answer:
        cause = error.__cause__
        return self._client_error(cause) if getattr(cause, "response", None) else Answer(0)

    def _client_error(self, error: Any) -> Answer:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return self.answer_of(status, error.response.get("Error", {}), str(error))

    def _sorted(self, error: Any) -> NotSent | OutcomeUnknown:
        if getattr(error, "response", None):
            return self.not_taken(self._client_error(error))
        return self.from_network(error)

    def from_network(self, error: BaseException) -> NotSent | OutcomeUnknown:
        from botocore import exceptions

        never = (
            exceptions.EndpointConnectionError,
            exceptions.ConnectTimeoutError,
            exceptions.SSLError,
            exceptions.ProxyConnectionError,
            exceptions.NoCredentialsError,
        )
        if isinstance(error, never):
            return self.unreachable(error)
        is_timeout = isinstance(error, exceptions.ReadTimeoutError)
        return self.unknown("no_answer" if is_timeout else "connection_lost", str(error))


ADAPTER = SesAdapter(INFO)
