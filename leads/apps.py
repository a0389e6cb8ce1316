from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class LeadsConfig(RoomConfig):
    name = "leads"
    verbose_name = _("Leads")
