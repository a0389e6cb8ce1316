from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class QualificationConfig(RoomConfig):
    name = "leads.qualification"
    verbose_name = _("Qualification")
