from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django_typer.utils import register_command_plugins

from leads.insights.management import plugins


class InsightsConfig(AppConfig):
    name = "leads.insights"
    label = "insights"
    verbose_name = _("Insights")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_command_plugins(plugins)
