from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class InboxConfig(RoomConfig):
    name = "conversations.inbox"
    verbose_name = _("Inbox")
