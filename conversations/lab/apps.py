from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class LabConfig(RoomConfig):
    name = "conversations.lab"
    verbose_name = _("Lab")
