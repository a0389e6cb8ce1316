from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class PredictionsConfig(RoomConfig):
    name = "campaigns.predictions"
    verbose_name = _("Predictions")
