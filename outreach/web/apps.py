from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class WebConfig(RoomConfig):
    name = "outreach.web"
    verbose_name = _("Web")
