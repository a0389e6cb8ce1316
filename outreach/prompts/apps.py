from typing import Any

import structlog
from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PromptsConfig(AppConfig):
    name = "outreach.prompts"
    label = "prompts"
    verbose_name = _("Prompt packs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from outreach.prompts import checks  # noqa: F401 - registers them

        post_migrate.connect(_sync, sender=self)


def _sync(**_options: Any) -> None:
    """Packs follow the code: after every migration the files are read. A broken file is a system check, not a halt."""
    from outreach.core.errors import OutreachError
    from outreach.prompts.services import sync_packs

    try:
        sync_packs()
    except OutreachError as error:
        structlog.get_logger(__name__).error("pack_invalid", reason=error.reason)
