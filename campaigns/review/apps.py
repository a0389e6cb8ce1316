from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ReviewConfig(AppConfig):
    name = "campaigns.review"
    label = "review"
    verbose_name = pgettext_lazy("noun", "Review")
    default_auto_field = "django.db.models.BigAutoField"
