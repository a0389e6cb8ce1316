from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LearningConfig(AppConfig):
    name = "campaigns.learning"
    label = "nightly"
    verbose_name = _("Nightly learning")
    default_auto_field = "django.db.models.BigAutoField"
