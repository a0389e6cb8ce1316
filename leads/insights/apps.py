from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class InsightsConfig(RoomConfig):
    name = "leads.insights"
    verbose_name = _("Insights")
