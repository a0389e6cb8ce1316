from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class NotificationsConfig(RoomConfig):
    name = "outreach.notifications"
    verbose_name = _("Notifications")
