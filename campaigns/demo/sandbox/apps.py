from django.utils.translation import gettext_lazy as _

from conversations.channels import registry
from outreach.core.rooms import RoomConfig


class SandboxConfig(RoomConfig):
    name = "campaigns.demo.sandbox"
    verbose_name = _("Sandbox")

    def ready(self) -> None:
        super().ready()
        registry.register("sandbox", self.name)
