from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SendersConfig(AppConfig):
    name = "conversations.senders"
    label = "senders"
    verbose_name = _("Senders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from conversations.channels.email import oauth
        from conversations.senders.credentials import keep_refresh_token

        oauth.keep_refresh_token = keep_refresh_token
