from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class LimitsConfig(RoomConfig):
    name = "outreach.limits"
    verbose_name = _("Limits")
