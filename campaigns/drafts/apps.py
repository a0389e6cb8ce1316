from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class DraftsConfig(RoomConfig):
    name = "campaigns.drafts"
    verbose_name = _("Drafts")
