from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RollupsConfig(AppConfig):
    name = "campaigns.rollups"
    label = "rollups"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"
