"""The legally required footer of campaign mail: sender, address, and how to opt out.

They are added when the message leaves and are no part of what a person approves: see the decision record.
"""

from __future__ import annotations

from html import escape

from django.conf import settings

from conversations.consent import links
from conversations.dispatch import letters
from conversations.models import Message
from conversations.senders.models import Sender
from outreach.core.addresses import EMAIL

TEXTS = {
    "en": ("Unsubscribe: %s", "If you do not want to hear from us, reply “stop”."),
    "ru": ("Отписаться: %s", "Если не хотите получать от нас письма, ответьте «стоп»."),
    "de": ("Abmelden: %s", "Wenn Sie nichts mehr von uns hören möchten, antworten Sie „stop“."),
    "es": ("Darse de baja: %s", "Si no desea recibir más mensajes, responda «stop»."),
    "fr": ("Se désinscrire : %s", "Si vous ne souhaitez plus recevoir nos messages, répondez « stop »."),
}
"""By the language of the message: with a link, and without."""


def is_campaign_mail(message: Message) -> bool:
    """Whether it is unsolicited: planned by a campaign, by e-mail."""
    return message.channel == EMAIL and message.stream is not None and message.stream.is_unsolicited


def postal_address(sender: Sender | None) -> str:
    """The sender's own address, else the company's; empty without any."""
    own = str(sender.settings.get("postal_address") or "") if sender else ""
    return " ".join((own or str(settings.OUTREACH.company.postal_address)).split())


def has_what_it_needs(message: Message) -> bool:
    """Whether the postal address allows sending. Simulated recipients don't need one."""
    if not is_campaign_mail(message) or (message.sender is not None and message.sender.is_simulated):
        return True
    return bool(postal_address(message.sender))


def lines(message: Message) -> list[str]:
    """The footer of campaign mail; empty for other messages and without a postal address."""
    address = postal_address(message.sender) if is_campaign_mail(message) else ""
    if not address:
        return []
    company = str(settings.OUTREACH.company.name).strip()
    by_link, by_reply = TEXTS.get(message.language[:2], TEXTS["en"])
    way = by_link % links.unsubscribe_url(message) if links.is_one_click_possible() else by_reply
    return [f"{company}, {address}" if company and not address.startswith(company) else address, way]


def with_footer(message: Message) -> tuple[str, str]:
    """Text and HTML of `message` with signature, earlier mail and footer; the HTML stays empty when there is none."""
    body, body_html = letters.complete(message)
    found = lines(message)
    if not found:
        return body, body_html
    body = f"{body.rstrip()}\n\n-- \n" + "\n".join(found) + "\n"
    if not body_html:
        return body, ""
    return body, letters.append(
        body_html, "<hr><p><small>" + "<br>".join(_linked(line) for line in found) + "</small></p>\n"
    )


def _linked(line: str) -> str:
    words, _space, last = line.rpartition(" ")
    if not last.startswith("https://"):
        return escape(line)
    return f'{escape(words)} <a href="{escape(last)}">{escape(last)}</a>'
