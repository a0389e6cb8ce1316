from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class BookingConfig(RoomConfig):
    name = "conversations.booking"
    verbose_name = _("Bookings")
