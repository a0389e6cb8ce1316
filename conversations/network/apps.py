from django.utils.translation import gettext_lazy as _

from conversations.channels import registry
from outreach.core.rooms import RoomConfig


class NetworkChannelConfig(RoomConfig):
    name = "conversations.network"
    label = "network_channel"
    verbose_name = _("Network relations")

    def ready(self) -> None:
        super().ready()
        registry.register("network", self.name)
