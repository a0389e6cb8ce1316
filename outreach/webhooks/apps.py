from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class WebhooksConfig(RoomConfig):
    name = "outreach.webhooks"
    verbose_name = _("Webhooks")
