from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class CampaignsConfig(RoomConfig):
    name = "campaigns"
    label = "campaigns"
    verbose_name = _("Campaigns")
    default_auto_field = "django.db.models.BigAutoField"
