from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "outreach.web"
    label = "web"
    verbose_name = _("Web")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_typer.utils import register_command_plugins

        from outreach.web.management import plugins

        register_command_plugins(plugins)
