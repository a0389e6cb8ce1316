from django.utils.translation import pgettext_lazy

from outreach.core.rooms import RoomConfig


class ReviewConfig(RoomConfig):
    name = "campaigns.review"
    verbose_name = pgettext_lazy("noun", "Review")
