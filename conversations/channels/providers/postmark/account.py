"""A Postmark server as a sender."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from conversations.channels.providers import fields
from leads.models import Channel

API = "https://api.postmarkapp.com"
USER = "outreach"
"""The user name of the webhook's basic authentication."""
INFO = AdapterInfo(
    name="postmark",
    label="Postmark",
    channels=(Channel.EMAIL.value,),
    has_webhook=True,
    settings=(
        Field("message_stream", _("Message stream"), default="outbound", help=_("“broadcast” for bulk mail")),
        fields.base_url(API),
        *fields.SETTINGS,
    ),
    credentials=(
        Field("api_key", _("Server API token"), "secret", required=True),
        Field(
            "webhook_key",
            _("Password of the webhook"),
            "secret",
            help=_(
                "Choose one and enter it at Postmark as basic authentication with user “outreach”. Without it no "
                "event is accepted"
            ),
        ),
        *fields.CREDENTIALS,
    ),
)
