from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class ConversationsConfig(RoomConfig):
    name = "conversations"
    verbose_name = _("Conversations")
