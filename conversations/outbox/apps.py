from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class OutboxConfig(RoomConfig):
    name = "conversations.outbox"
    verbose_name = _("Outbox")
