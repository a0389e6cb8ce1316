from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class SendersConfig(RoomConfig):
    name = "conversations.senders"
    verbose_name = _("Senders")
