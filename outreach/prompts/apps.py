from typing import Any

from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class PromptsConfig(RoomConfig):
    name = "outreach.prompts"
    verbose_name = _("Prompt packs")

    def ready(self) -> None:
        super().ready()
        post_migrate.connect(_sync, sender=self)


def _sync(**_options: Any) -> None:
    """Packs follow the code: the files are read after every migration."""
    import_string("outreach.prompts.services.sync_after_migration")()
