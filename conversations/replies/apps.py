from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class RepliesConfig(RoomConfig):
    name = "conversations.replies"
    verbose_name = _("Replies")
