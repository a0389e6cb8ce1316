from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django_typer.utils import register_command_plugins

from conversations.replies.management import plugins


class RepliesConfig(AppConfig):
    name = "conversations.replies"
    label = "replies"
    verbose_name = _("Replies")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_command_plugins(plugins)
