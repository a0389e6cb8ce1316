from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from conversations.channels import registry


class SandboxConfig(AppConfig):
    name = "campaigns.demo.sandbox"
    label = "sandbox"
    verbose_name = _("Sandbox")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        registry.register("sandbox", self.name)
