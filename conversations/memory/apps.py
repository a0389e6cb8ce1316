from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class MemoryConfig(RoomConfig):
    name = "conversations.memory"
    verbose_name = _("Memory")
