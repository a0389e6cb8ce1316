from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CandidatesConfig(AppConfig):
    name = "campaigns.candidates"
    label = "candidates"
    verbose_name = _("Live candidates")
    default_auto_field = "django.db.models.BigAutoField"
