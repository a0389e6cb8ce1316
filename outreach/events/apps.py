from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class EventsConfig(RoomConfig):
    name = "outreach.events"
    verbose_name = _("Events")
