"""A network account as a sender: what the form asks. The login itself is entered once, on the account's own page."""

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
            help=_("Its name under Network accounts, where it signs in and keeps its secrets"),
        ),
        Field(
            "recheck_minutes",
            _("Minutes until an invitation is looked at again"),
            "integer",
            default=1440,
            minimum=1,
            maximum=43_200,
            help=_("Doubled with every look"),
        ),
        Field(
            "poll_minutes", _("Minutes between two looks for messages"), "integer", default=10, minimum=1, maximum=30
        ),
        Field(
            "settle_seconds",
            _("Seconds after which what the site does not show was never sent"),
            "integer",
            default=180,
            minimum=0,
            maximum=86_400,
        ),
    ),
)
