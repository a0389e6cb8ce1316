from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class WebhooksConfig(RoomConfig):
    name = "outreach.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")
