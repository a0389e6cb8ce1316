from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from conversations.channels import registry


class NetworkChannelConfig(AppConfig):
    name = "conversations.network"
    label = "network_channel"
    verbose_name = _("Network relations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        registry.register("network", self.name)
