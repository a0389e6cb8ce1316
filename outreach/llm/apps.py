from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class LlmConfig(RoomConfig):
    name = "outreach.llm"
    verbose_name = _("Language models")
