from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnclosuresConfig(AppConfig):
    name = "campaigns.enclosures"
    label = "enclosures"
    verbose_name = _("Enclosed files")
    default_auto_field = "django.db.models.BigAutoField"
