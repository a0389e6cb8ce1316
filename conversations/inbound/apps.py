from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class InboundConfig(RoomConfig):
    name = "conversations.inbound"
    verbose_name = _("Inbound")
