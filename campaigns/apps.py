from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class CampaignsConfig(RoomConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")
