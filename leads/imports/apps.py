from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class ImportsConfig(RoomConfig):
    name = "leads.imports"
    verbose_name = _("Imports")
