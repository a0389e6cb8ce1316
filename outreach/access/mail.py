"""The product's own mail to its users: invitations and password resets. Never a way to write to a lead.

It has a mail server of its own, `[mail]` in outreach.toml; sending accounts are for outreach only.
"""

from __future__ import annotations

from email.utils import formataddr

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from outreach.core.errors import Retryable
from outreach.core.states import Text
from outreach.core.words import gettext as _

logger = structlog.get_logger(__name__)


def can_send() -> bool:
    """Whether mail to users arrives somewhere: at a server, or in the terminal of a demo or development server."""
    return bool(settings.CAN_MAIL_USERS)


def send(
    template: str,
    *,
    to: str,
    language: str,
    subject: Text,
    path: str,
    headers: dict[str, str] | None = None,
    **context: object,
) -> None:
    """Send the text of `template` with a link to `path`. Raises `Retryable` when the mail server does not take it."""
    with translation.override(language):
        values = {"url": f"{settings.PUBLIC_BASE_URL}{path}", "host": settings.PUBLIC_BASE_URL, **context}
        message = EmailMessage(
            str(subject), render_to_string(template, values).strip() + "\n", to=[to], headers=headers
        )
        message.from_email = formataddr(("Outreach", settings.DEFAULT_FROM_EMAIL))
        try:
            message.send()
        except OSError as error:  # smtplib's errors are among them
            logger.warning("mail.not_sent", template=template, error=str(error))
            raise Retryable(
                _("The mail server for system mail did not accept the message: %(reason)s") % {"reason": error},
                code="mail_not_sent",
            ) from error
