"""A Resend account as a sender."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from conversations.channels.providers import fields
from leads.models import Channel

API = "https://api.resend.com"
INFO = AdapterInfo(
    name="resend",
    label="Resend",
    channels=(Channel.EMAIL.value,),
    has_webhook=True,
    settings=(fields.base_url(API), *fields.SETTINGS),
    credentials=(
        Field(
            "api_key", _("API key"), "secret", required=True, help=_("Needs full access, to look up lost messages too")
        ),
        Field(
            "webhook_key",
            _("Signing secret of the webhook"),
            "secret",
            help=_("Starts with whsec_; without it no event is accepted"),
        ),
        *fields.CREDENTIALS,
    ),
)
