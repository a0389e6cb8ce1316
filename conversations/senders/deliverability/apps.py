from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django_typer.utils import register_command_plugins

from conversations.senders.verification.management import plugins


class DeliverabilityConfig(AppConfig):
    name = "conversations.senders.deliverability"
    label = "deliverability"
    verbose_name = _("Deliverability")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_command_plugins(plugins)
