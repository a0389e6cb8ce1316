from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StepsConfig(AppConfig):
    name = "campaigns.steps"
    label = "steps"
    verbose_name = _("Steps")
    default_auto_field = "django.db.models.BigAutoField"
