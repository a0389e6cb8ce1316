from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SharingConfig(AppConfig):
    name = "campaigns.sharing"
    label = "sharing"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"
