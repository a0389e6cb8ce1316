from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class AssistantsConfig(RoomConfig):
    name = "outreach.assistants"
    verbose_name = _("Assistants")
