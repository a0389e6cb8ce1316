from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SequencesConfig(AppConfig):
    name = "campaigns.sequences"
    label = "sequences"
    verbose_name = _("Sequences")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_typer.utils import register_command_plugins

        from campaigns.sequences.management import plugins

        register_command_plugins(plugins)
