from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class AccessConfig(RoomConfig):
    name = "outreach.access"
    verbose_name = _("Access")
