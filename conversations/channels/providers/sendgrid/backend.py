"""SendGrid's `POST /v3/mail/send`, on anymail's base for providers that it does not support itself (anymail dropped SendGrid).

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
"""

from __future__ import annotations

from typing import Any

from anymail.backends.base_requests import AnymailRequestsBackend, RequestsPayload
from anymail.message import AnymailRecipientStatus


class SendGridBackend(AnymailRequestsBackend):
    esp_name = "SendGrid"

    def __init__(self, *, api_key: str, api_url: str, **options: Any) -> None:
        self.api_key = api_key
        super().__init__(api_url.rstrip("/") + "/", **options)

    def build_message_payload(self, message: Any, defaults: Any) -> SendGridPayload:
        return SendGridPayload(message, defaults, self)

    def parse_recipient_status(self, response: Any, payload: Any, message: Any) -> dict[str, AnymailRecipientStatus]:
        """The answer has no body; its header `X-Message-Id` names the message."""
        identifier = response.headers.get("X-Message-Id", "")
        return {
            address: AnymailRecipientStatus(message_id=identifier, status="queued") for address in payload.addresses
        }


class SendGridPayload(RequestsPayload):
    def __init__(self, message: Any, defaults: Any, backend: SendGridBackend) -> None:
        self.addresses: list[str] = []
        headers = {"Authorization": f"Bearer {backend.api_key}", "Content-Type": "application/json"}
        super().__init__(message, defaults, backend, headers=headers)

    def get_api_endpoint(self) -> str:
        return "mail/send"

    def init_payload(self) -> None:
        self.data: dict[str, Any] = {"personalizations": [{}], "content": []}

    def serialize_data(self) -> Any:
        return self.serialize_json(self.data)

    def set_from_email(self, email: Any) -> None:
        self.data["from"] = email.as_dict()

    def set_recipients(self, recipient_type: str, emails: list[Any]) -> None:
        if emails:
            self.data["personalizations"][0][recipient_type] = [email.as_dict() for email in emails]
            self.addresses += [email.addr_spec for email in emails]

    def set_subject(self, subject: str) -> None:
        self.data["subject"] = subject

    def set_reply_to(self, emails: list[Any]) -> None:
        if emails:
            self.data["reply_to_list"] = [email.as_dict() for email in emails]

    def set_extra_headers(self, headers: Any) -> None:
        self.data["headers"] = {name: str(value) for name, value in headers.items()}

    def set_text_body(self, body: str) -> None:
        self._add("text/plain", body)

    def set_html_body(self, body: str) -> None:
        self._add("text/html", body)

    def _add(self, kind: str, body: str) -> None:
        if body:  # an empty part is refused
            self.data["content"].append({"type": kind, "value": body})

    def add_attachment(self, attachment: Any) -> None:
        part = {
            "content": attachment.b64content_utf8,
            "type": attachment.content_type,
            "filename": attachment.name or "",
        }
        if attachment.inline:
            part |= {"disposition": "inline", "content_id": attachment.cid}
        self.data.setdefault("attachments", []).append(part)

    def set_metadata(self, metadata: dict[str, Any]) -> None:
        self.data["custom_args"] = {name: str(value) for name, value in metadata.items()}

    def set_track_clicks(self, track_clicks: bool) -> None:
        self.data.setdefault("tracking_settings", {})["click_tracking"] = {"enable": track_clicks}

    def set_track_opens(self, track_opens: bool) -> None:
        self.data.setdefault("tracking_settings", {})["open_tracking"] = {"enable": track_opens}
