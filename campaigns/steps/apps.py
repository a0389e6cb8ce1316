from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class StepsConfig(RoomConfig):
    name = "campaigns.steps"
    verbose_name = _("Steps")
