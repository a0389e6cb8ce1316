from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class JourneyConfig(RoomConfig):
    name = "campaigns.journey"
    verbose_name = _("Journey")
