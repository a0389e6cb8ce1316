"""Builds the mails that simulated recipients and their servers send: replies, out-of-office notes, bounces. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage, MIMEPart
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP, compat32
from email.utils import format_datetime
from html import escape


@dataclass(frozen=True)
class Original:
    """The message of ours that is answered."""

    id: int
    address: str
    sender_address: str
    subject: str
    body: str
    rfc_message_id: str
    references: tuple[str, ...]
    language: str
    sent_at: datetime


_WROTE = {"en": "On {date}, {sender} wrote:", "ru": "{date}, {sender} пишет:"}
_REGARDS = {"en": "Best regards,\n{name}", "ru": "С уважением,\n{name}"}
_MOBILE = {"en": "Sent from my iPhone", "ru": "Отправлено с iPhone"}
_AWAY = {
    "en": "Hello,\n\nthank you for your message. I am out of the office until {date} with limited access to e-mail."
    " In urgent cases please call our reception.\n",
    "ru": "Добрый день!\n\nЯ в отпуске и вернусь {date}. Доступ к почте ограничен. По срочным вопросам звоните, пожалуйста,"
    " в приёмную.\n",
}
_AWAY_SUBJECT = {"en": "Automatic reply: {subject}", "ru": "Автоматический ответ: {subject}"}
_BOUNCE_TEXT = {
    "5.1.1": "550 5.1.1 The email account that you tried to reach does not exist.",
    "5.2.2": "552 5.2.2 The email account that you tried to reach is over quota.",
}


def reply(original: Original, *, text: str, now: datetime, quotes: bool, signs: bool, has_html: bool) -> bytes:
    """An answer by a person, the way mail programs write it: quoted original, signature, perhaps HTML."""
    message = _head(original, kind="reply", now=now)
    subject = original.subject
    message["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    written = [text]
    if signs:
        written.append(_REGARDS[original.language].format(name=_name(original.address)))
    elif not has_html:
        written.append(_MOBILE[original.language])
    intro = _WROTE[original.language].format(
        date=original.sent_at.strftime("%d.%m.%Y %H:%M"), sender=original.sender_address
    )
    quoted = "\n".join(f"> {line}" for line in original.body.splitlines())
    plain = "\n\n".join([*written, f"{intro}\n{quoted}"] if quotes else written)
    message.set_content(plain + "\n")
    if has_html:
        paragraphs = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in written)
        quote = f"<div>{escape(intro)}</div><blockquote>{escape(original.body)}</blockquote>" if quotes else ""
        message.add_alternative(f"<html><body>{paragraphs}{quote}</body></html>", subtype="html")
    return message.as_bytes()


def out_of_office(original: Original, *, days: int, now: datetime) -> bytes:
    """An automatic reply (RFC 3834) with the day of return."""
    message = _head(original, kind="away", now=now)
    message["Subject"] = _AWAY_SUBJECT[original.language].format(subject=original.subject)
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    back = (now + timedelta(days=days)).strftime("%d.%m.%Y" if original.language == "ru" else "%d %B %Y")
    message.set_content(_AWAY[original.language].format(date=back))
    return message.as_bytes()


def bounce(original: Original, *, status: str, now: datetime) -> bytes:
    """A delivery status notification (RFC 3464) by the recipient's server."""
    domain = original.address.rpartition("@")[2]
    diagnostic = _BOUNCE_TEXT[status]
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"] = f"Mail Delivery System <MAILER-DAEMON@mx.{domain}>"
    report["To"] = original.sender_address
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = format_datetime(now)
    report["Message-ID"] = f"<sandbox-bounce-{original.id}@mx.{domain}>"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(
        MIMEText(
            "This is the mail system. Your message could not be delivered to the recipient below.\n\n"
            f"<{original.address}>: host mx.{domain} said: {diagnostic}\n",
            "plain",
            "utf-8",
        )
    )
    envelope, recipient = MIMEPart(policy=compat32), MIMEPart(policy=compat32)
    envelope["Reporting-MTA"] = f"dns; mx.{domain}"
    envelope["Arrival-Date"] = format_datetime(original.sent_at)
    recipient["Final-Recipient"] = f"rfc822; {original.address}"
    recipient["Action"] = "failed"
    recipient["Status"] = status
    recipient["Diagnostic-Code"] = f"smtp; {diagnostic}"
    status_part = MIMEMultipart("delivery-status")
    status_part.set_type("message/delivery-status")
    status_part.set_payload([envelope, recipient])
    report.attach(status_part)
    headers = EmailMessage(policy=SMTP)
    headers["From"], headers["To"] = original.sender_address, original.address
    headers["Subject"] = original.subject
    headers["Message-ID"] = f"<{original.rfc_message_id}>"
    headers.set_content("")
    report.attach(MIMEMessage(headers))
    return report.as_bytes(policy=compat32.clone(linesep="\r\n"))


def _head(original: Original, *, kind: str, now: datetime) -> EmailMessage:
    domain = original.address.rpartition("@")[2]
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{_name(original.address)} <{original.address}>"
    message["To"] = original.sender_address
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<sandbox-{kind}-{original.id}@{domain}>"
    message["In-Reply-To"] = f"<{original.rfc_message_id}>"
    message["References"] = " ".join(f"<{id_}>" for id_ in (*original.references, original.rfc_message_id))
    return message


def _name(address: str) -> str:
    local = address.partition("@")[0].partition("+")[0]
    parts = (part.rstrip("0123456789") for part in local.replace("_", ".").replace("-", ".").split("."))
    return " ".join(part.capitalize() for part in parts if part)
