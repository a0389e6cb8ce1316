from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django_typer.utils import register_command_plugins

from leads.sources.management import plugins


class SourcesConfig(AppConfig):
    name = "leads.sources"
    label = "sources"
    verbose_name = _("Sources")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_command_plugins(plugins)
