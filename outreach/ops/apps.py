from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class OpsConfig(RoomConfig):
    name = "outreach.ops"
    verbose_name = _("Operations")
