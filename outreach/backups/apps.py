from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class BackupsConfig(RoomConfig):
    name = "outreach.backups"
    verbose_name = _("Backups")
