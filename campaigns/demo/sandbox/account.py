"""A sandbox sender: what the form asks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from leads.models import Channel

INFO = AdapterInfo(
    name="sandbox",
    label=_("Sandbox (simulated recipients)"),
    channels=tuple(channel.value for channel in Channel),
    is_simulated=True,
    settings=(
        Field("seed", _("Seed"), default="outreach", help=_("The same seed gives the same recipients every time")),
    ),
)
