from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class ArmsConfig(RoomConfig):
    name = "campaigns.arms"
    verbose_name = _("Experiments")
