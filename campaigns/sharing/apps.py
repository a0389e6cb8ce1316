from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class SharingConfig(RoomConfig):
    name = "campaigns.sharing"
    verbose_name = _("Reports")
