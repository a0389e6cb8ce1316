from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class TrackingConfig(RoomConfig):
    name = "conversations.tracking"
    verbose_name = _("Tracking")
