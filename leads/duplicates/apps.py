from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class DuplicatesConfig(RoomConfig):
    name = "leads.duplicates"
    verbose_name = _("Duplicates")
