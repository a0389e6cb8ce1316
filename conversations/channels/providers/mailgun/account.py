"""A Mailgun domain as a sender."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from conversations.channels.providers import fields
from leads.models import Channel

API = "https://api.mailgun.net/v3"
INFO = AdapterInfo(
    name="mailgun",
    label="Mailgun",
    channels=(Channel.EMAIL.value,),
    has_webhook=True,
    settings=(
        Field("domain", _("Sending domain"), help=_("Empty: the domain of the address")),
        fields.base_url(f"{API} (https://api.eu.mailgun.net/v3)"),
        *fields.SETTINGS,
    ),
    credentials=(
        Field("api_key", _("API key"), "secret", required=True),
        Field(
            "webhook_key",
            _("HTTP webhook signing key"),
            "secret",
            help=_("Under Sending, Webhooks; without it no event is accepted"),
        ),
        *fields.CREDENTIALS,
    ),
)
