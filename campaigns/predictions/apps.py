from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class PredictionsConfig(RoomConfig):
    name = "campaigns.predictions"
    label = "predictions"
    verbose_name = _("Predictions")
    default_auto_field = "django.db.models.BigAutoField"
