from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class SourcesConfig(RoomConfig):
    name = "leads.sources"
    verbose_name = _("Sources")
