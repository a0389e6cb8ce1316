from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class LearningConfig(RoomConfig):
    name = "leads.learning"
    verbose_name = _("Learning")
