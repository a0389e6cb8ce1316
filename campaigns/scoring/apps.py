from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class ScoringConfig(RoomConfig):
    name = "campaigns.scoring"
    verbose_name = _("Scoring")
