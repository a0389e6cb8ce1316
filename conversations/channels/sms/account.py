"""A Twilio number or messaging service as a sender: what the form asks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from leads.models import Channel

INFO = AdapterInfo(
    name="twilio",
    label=_("SMS (Twilio)"),
    channels=(Channel.SMS.value,),
    is_sandbox=False,
    settings=(
        Field("account_sid", _("Account SID"), required=True, help=_("Begins with AC; on Twilio's console page")),
        Field(
            "messaging_service_sid",
            _("Messaging service SID"),
            help=_("Begins with MG. Empty: messages leave from the sender's own number"),
        ),
        Field("base_url", _("API address"), help=_("Empty: Twilio's own; another one for a test server")),
        Field("timeout_seconds", _("Seconds to wait for the answer"), "integer", default=15, minimum=1, maximum=110),
        Field(
            "settle_seconds",
            _("Seconds after which a message that Twilio does not list was never taken"),
            "integer",
            default=180,
            minimum=0,
            maximum=86_400,
        ),
    ),
    credentials=(Field("auth_token", _("Auth token"), "secret", required=True),),
)
