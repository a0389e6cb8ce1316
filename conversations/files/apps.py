from django.utils.translation import gettext_lazy as _

from outreach.core.rooms import RoomConfig


class FilesConfig(RoomConfig):
    name = "conversations.files"
    verbose_name = _("Files")
