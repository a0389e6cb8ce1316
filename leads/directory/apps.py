from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class DirectoryConfig(RoomConfig):
    name = "leads.directory"
    verbose_name = _("Leads")
