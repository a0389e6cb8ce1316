from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class LearningConfig(RoomConfig):
    name = "campaigns.learning"
    label = "nightly"
    verbose_name = _("Nightly learning")
