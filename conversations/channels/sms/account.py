"""A Twilio number or messaging service as a sender: form fields."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from leads.models import Channel

INFO = AdapterInfo(
    name="twilio",
    label=_("SMS (Twilio)"),
    channels=(Channel.SMS.value,),
    settings=(
        Field("account_sid", _("Account SID"), required=True, help=_("Starts with AC; shown in Twilio's console")),
        Field(
            "messaging_service_sid",
            _("Messaging service SID"),
            help=_("Starts with MG. Empty: messages are sent from the sender's own number"),
        ),
        Field(
            "number_type",
            _("Kind of number"),
            "choice",
            choices=(
                ("", _("By the format of the number")),
                ("long_code", _("Long code: 1 segment a second")),
                ("10dlc", _("US long code with a registered campaign (10DLC)")),
                ("toll_free", _("Toll-free: 3 segments a second")),
                ("short_code", _("Short code: 100 segments a second")),
            ),
        ),
        Field(
            "segments_per_minute",
            _("Segments a minute"),
            "integer",
            minimum=1,
            maximum=60_000,
            help=_("The class of a 10DLC campaign allows 75 to 4,500. Empty: by the kind of number"),
        ),
        Field(
            "segments_per_day",
            _("Segments a day"),
            "integer",
            minimum=1,
            maximum=10_000_000,
            help=_("The carriers' cap for a registered brand. Empty: none"),
        ),
        Field("base_url", _("API address"), help=_("Empty: Twilio's own; enter another one for a test server")),
        Field("timeout_seconds", _("Seconds to wait for the answer"), "integer", default=15, minimum=1, maximum=110),
        Field(
            "settle_seconds",
            _("Seconds after which a message Twilio doesn't list counts as not sent"),
            "integer",
            default=180,
            minimum=0,
            maximum=86_400,
        ),
    ),
    credentials=(Field("auth_token", _("Auth token"), "secret", required=True),),
)
