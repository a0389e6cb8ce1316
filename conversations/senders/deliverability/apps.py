from django.utils.translation import gettext_lazy as _
from django_typer.utils import register_command_plugins

from conversations.senders.verification.management import plugins
from outreach.core.rooms import RoomConfig


class DeliverabilityConfig(RoomConfig):
    name = "conversations.senders.deliverability"
    verbose_name = _("Deliverability")

    def ready(self) -> None:
        super().ready()
        register_command_plugins(plugins)
