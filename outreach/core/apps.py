import json
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import pre_save
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_typer.management import TyperCommand

from outreach.core import model_words, reporting, words
from outreach.core.command_line import OPTIONS_OF_DJANGO


class CoreConfig(AppConfig):
    name = "outreach.core"
    verbose_name = _("Core")

    def ready(self) -> None:
        words.translate_by(gettext, ngettext)
        model_words.name_all()
        reporting.start(settings.OUTREACH.sentry)
        TyperCommand.suppressed_base_arguments = set(OPTIONS_OF_DJANGO)
        pre_save.connect(_name_by_number, sender="admin.LogEntry", dispatch_uid="core.name_by_number")


def _name_by_number(instance: Any, **_signal: object) -> None:
    """The console's own log names rows by number only: it outlives the erasure of the people whose rows they are."""
    instance.object_repr = f"#{instance.object_id}"
    if instance.change_message.startswith("["):
        entries = json.loads(instance.change_message)
        for what in (what for entry in entries for what in entry.values() if "object" in what):
            what["object"] = ""
        instance.change_message = json.dumps(entries)
