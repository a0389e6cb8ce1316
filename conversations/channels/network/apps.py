from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkChannelConfig(AppConfig):
    name = "conversations.channels.network"
    label = "network_channel"
    verbose_name = _("Network relations")
    default_auto_field = "django.db.models.BigAutoField"
