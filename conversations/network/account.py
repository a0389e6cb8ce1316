"""A network account as a sender: form fields. The login is entered once, on the account's page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from leads.models import Channel

INFO = AdapterInfo(
    name="network",
    label=_("Professional network (browser)"),
    channels=(Channel.NETWORK.value,),
    settings=(
        Field(
            "account",
            _("Network account"),
            required=True,
            help=_("Its name under Network accounts, which holds its login"),
        ),
        Field(
            "recheck_minutes",
            _("Minutes until an invitation is checked again"),
            "integer",
            default=1440,
            minimum=1,
            maximum=43_200,
            help=_("Doubled after each check"),
        ),
        Field("poll_minutes", _("Minutes between checks for messages"), "integer", default=10, minimum=1, maximum=30),
        Field(
            "settle_seconds",
            _("Seconds after which a message the site doesn't show counts as not sent"),
            "integer",
            default=180,
            minimum=0,
            maximum=86_400,
        ),
    ),
)
