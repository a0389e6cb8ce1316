from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class SegmentsConfig(RoomConfig):
    name = "leads.segments"
    verbose_name = _("Segments")
