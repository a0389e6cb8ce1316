from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django_typer.utils import register_command_plugins

from leads.imports.management import plugins


class ImportsConfig(AppConfig):
    name = "leads.imports"
    label = "imports"
    verbose_name = _("Imports")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_command_plugins(plugins)
