from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django_typer.utils import register_command_plugins

from leads.sources.network.management import plugins


class NetworkConfig(AppConfig):
    name = "leads.sources.network"
    label = "network"
    verbose_name = _("Professional network")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_command_plugins(plugins)
