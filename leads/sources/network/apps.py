from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class NetworkConfig(RoomConfig):
    name = "leads.sources.network"
    verbose_name = _("Professional network")
