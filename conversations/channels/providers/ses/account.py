"""An Amazon SES identity as a sender."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from conversations.channels.providers import fields
from leads.models import Channel

INFO = AdapterInfo(
    name="ses",
    label="Amazon SES",
    channels=(Channel.EMAIL.value,),
    has_webhook=True,
    settings=(
        Field("region", _("Region"), required=True, default="eu-central-1", help=_("For example eu-central-1")),
        Field("access_key_id", _("Access key ID"), required=True),
        Field(
            "configuration_set", _("Configuration set"), help=_("With an SNS destination, so that events are reported")
        ),
        Field("topic_arn", _("SNS topic (ARN)"), help=_("The only topic that is accepted; without it no event is")),
        fields.base_url("https://email.REGION.amazonaws.com"),
        *fields.SETTINGS,
    ),
    credentials=(Field("api_key", _("Secret access key"), "secret", required=True), *fields.CREDENTIALS),
)
