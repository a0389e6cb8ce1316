"""A Smartlead campaign as a sender: form fields, and the custom fields that carry our text."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.email.account import POSTAL_ADDRESS
from conversations.channels.fields import AdapterInfo, Field
from conversations.channels.providers import fields
from leads.models import Channel

API = "https://server.smartlead.ai/api/v1"
SUBJECT, BODY, NUMBER = "outreach_subject", "outreach_body", "outreach_message"
"""Custom fields of a lead at Smartlead. The campaign's one step has `{{outreach_subject}}` and `{{outreach_body}}`."""
INFO = AdapterInfo(
    name="smartlead",
    label="Smartlead",
    channels=(Channel.EMAIL.value,),
    has_webhook=True,
    settings=(
        Field(
            "campaign_id",
            _("Number of the Smartlead campaign"),
            required=True,
            help=_("Its only step must have {{outreach_subject}} as subject and {{outreach_body}} as text"),
        ),
        fields.base_url(API),
        POSTAL_ADDRESS,
        Field("timeout_seconds", _("Seconds to wait for the provider"), "integer", default=30, minimum=1, maximum=110),
    ),
    credentials=(
        Field("api_key", _("API key"), "secret", required=True, help=_("Smartlead → Settings → API key")),
        Field(
            "webhook_key",
            _("Secret of the webhook"),
            "secret",
            help=_("Smartlead shows it with the webhook; without it no event or reply is accepted"),
        ),
    ),
)
