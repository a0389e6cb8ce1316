from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliverabilityConfig(AppConfig):
    name = "conversations.deliverability"
    label = "deliverability"
    verbose_name = _("Deliverability")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_typer.utils import register_command_plugins

        from conversations.deliverability.verification.management import plugins

        register_command_plugins(plugins)
