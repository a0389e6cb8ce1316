from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class ConsentConfig(RoomConfig):
    name = "conversations.consent"
    verbose_name = _("Consent")
