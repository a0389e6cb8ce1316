"""A SendGrid account as a sender."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from conversations.channels.providers import fields
from leads.models import Channel

API = "https://api.sendgrid.com/v3"
INFO = AdapterInfo(
    name="sendgrid",
    label="SendGrid",
    channels=(Channel.EMAIL.value,),
    has_webhook=True,
    settings=(fields.base_url(API), *fields.SETTINGS),
    credentials=(
        Field(
            "api_key",
            _("API key"),
            "secret",
            required=True,
            help=_("With Mail Send; add Email Activity to look up lost messages"),
        ),
        Field(
            "webhook_key",
            _("Verification key of the event webhook"),
            "secret",
            help=_("Mail settings, Event Webhook, Signature Verification; without it no event is accepted"),
        ),
        *fields.CREDENTIALS,
    ),
)
