from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class JobsConfig(RoomConfig):
    name = "outreach.jobs"
    verbose_name = _("Jobs")
