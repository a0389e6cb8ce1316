from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArmsConfig(AppConfig):
    name = "campaigns.arms"
    label = "arms"
    verbose_name = _("Experiments")
    default_auto_field = "django.db.models.BigAutoField"
