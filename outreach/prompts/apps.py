from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromptsConfig(AppConfig):
    name = "outreach.prompts"
    label = "prompts"
    verbose_name = _("Prompts")
    default_auto_field = "django.db.models.BigAutoField"
