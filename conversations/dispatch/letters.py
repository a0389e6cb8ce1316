"""What stands below the text of an e-mail when it leaves: the sender's signature, and the mail that is answered.

Like the footer they are added when the message leaves and are no part of what a person approves.
"""

from __future__ import annotations

from html import escape

from django.utils import translation
from django.utils.formats import date_format

from conversations.channels.email import html
from conversations.models import Message
from outreach.core.addresses import EMAIL
from outreach.limits.calendars import parse_zone

MAX_QUOTE = 20_000
"""Characters of the mail that is answered."""
INTRODUCTIONS = {
    "en": "On %(date)s at %(time)s, %(who)s wrote:",
    "ru": "%(date)s в %(time)s, %(who)s пишет:",
    "de": "Am %(date)s um %(time)s schrieb %(who)s:",
    "es": "El %(date)s a las %(time)s, %(who)s escribió:",
    "fr": "Le %(date)s à %(time)s, %(who)s a écrit :",
}
"""The line above the earlier mail, by the language of the thread."""


def complete(message: Message) -> tuple[str, str]:
    """Text and HTML of `message` with signature and earlier mail; the HTML stays empty where nothing needs it."""
    body, body_html = message.body, message.body_html
    if message.channel != EMAIL:
        return body, body_html
    if signature := signature_below(body, message.sender.signature if message.sender else ""):
        body = f"{body.rstrip()}\n\n{signature}\n"
        body_html = append(body_html, html.of_text(signature)) if body_html else ""
    earlier = _answered(message)
    if earlier is None:
        return body, body_html
    introduction, quote = _introduction(message, earlier), _words(earlier)
    body_html = append(
        body_html or html.of_text(body),
        f'<p>{escape(introduction)}</p>\n<blockquote type="cite">\n{html.of_text(quote)}</blockquote>\n',
    )
    marked = "\n".join(">" + line if line.startswith(">") else f"> {line}".rstrip() for line in quote.split("\n"))
    return f"{body.rstrip()}\n\n{introduction}\n{marked}\n", body_html


def append(body_html: str, block: str) -> str:
    """`body_html` with `block` at its end, within its body."""
    start, end_tag, rest = body_html.rpartition("</body>")
    return f"{start}{block}{end_tag}{rest}" if end_tag else body_html + block


def signature_below(body: str, signature: str) -> str:
    """The lines of `signature` that `body` does not end with already."""
    lines = [line.rstrip() for line in signature.strip().splitlines()]
    said = [" ".join(line.split()).casefold() for line in body.strip().splitlines() if line.strip()]
    words = [" ".join(line.split()).casefold() for line in lines]
    for count in range(min(len(lines), len(said)), 0, -1):
        if said[-count:] == words[:count]:
            lines = lines[count:]
            break
    return "\n".join(lines).strip()


def _answered(message: Message) -> Message | None:
    """The mail that `message` answers."""
    pk = message.attributes.get("answers")
    if not pk:
        return None
    rows = Message.objects.received().filter(conversation=message.conversation_id, channel=EMAIL)
    return rows.filter(pk=pk).first()


def _words(earlier: Message) -> str:
    told = earlier.attributes
    whole = str(told.get("text") or "") or "\n\n".join(
        part for part in (earlier.body, str(told.get("signature") or ""), str(told.get("quoted") or "")) if part
    )
    return whole.replace("\r\n", "\n").replace("\r", "\n").strip()[:MAX_QUOTE]


def _introduction(message: Message, earlier: Message) -> str:
    language = message.language[:2] if message.language[:2] in INTRODUCTIONS else "en"
    zone = parse_zone(message.sender.time_zone if message.sender else "UTC")
    at = (earlier.received_at or earlier.created_at).astimezone(zone)
    name = " ".join(str(earlier.attributes.get("from_name") or "").split())
    with translation.override(language):
        date, time = date_format(at, "j E Y"), date_format(at, "H:i")
    who = f"{name} <{earlier.address}>" if name and name != earlier.address else earlier.address
    return INTRODUCTIONS[language] % {"date": date, "time": time, "who": who}
