from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LlmConfig(AppConfig):
    name = "outreach.llm"
    label = "llm"
    verbose_name = _("Language models")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from outreach.llm import checks  # noqa: F401 - registers them
