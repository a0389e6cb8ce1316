from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class AudienceConfig(RoomConfig):
    name = "campaigns.audience"
    verbose_name = _("Audience")
