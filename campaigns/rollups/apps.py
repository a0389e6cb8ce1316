from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class RollupsConfig(RoomConfig):
    name = "campaigns.rollups"
    verbose_name = _("Reports")
