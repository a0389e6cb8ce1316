from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class PlaybooksConfig(RoomConfig):
    name = "conversations.playbooks"
    verbose_name = _("Playbooks")
