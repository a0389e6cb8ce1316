"""Fields common to all providers' senders."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.email.account import IMAP_SETTINGS, POSTAL_ADDRESS
from conversations.channels.fields import Field

SETTINGS = (
    POSTAL_ADDRESS,
    Field("timeout_seconds", _("Seconds to wait for the provider"), "integer", default=30, minimum=1, maximum=110),
    *IMAP_SETTINGS,
)
CREDENTIALS = (Field("imap_password", _("IMAP password"), "secret", help=_("Of the mailbox that receives replies")),)


def base_url(example: str) -> Field:
    """The API's address, for another region or a test server."""
    return Field("base_url", _("Address of the API"), help=_("Empty: %(url)s") % {"url": example} if example else "")
