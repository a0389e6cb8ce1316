"""What this wing contributes: see `outreach.core.registry`."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from conversations import home, removals
from conversations.channels.email.oauth import REFRESHED
from conversations.consent.bulk import EXCLUDE
from conversations.consent.imported import suppress_imported
from conversations.dispatch.trial import send_test
from conversations.inbox.panels import lead_panel
from conversations.network.panels import relations_panel
from conversations.senders.credentials import keep_refresh_token
from conversations.senders.services import SEND_TEST
from conversations.senders.verification.panels import find_email
from leads.bulk import LEAD_ACTIONS
from leads.imports.opt_outs import OPT_OUTS
from leads.keepers import KEEPERS
from leads.panels import LEAD_PANELS
from outreach.core.admin import ADMIN_FIGURES, ADMIN_GROUPS, AdminFigure, AdminGroup
from outreach.core.home import HOME
from outreach.core.registry import Registry
from outreach.core.surfaces import NAVIGATION, NavigationEntry
from outreach.prompts.services import PACK_FOLDERS

REGISTRY: Registry = {
    NAVIGATION: [
        NavigationEntry(_("Inbox"), "inbox:list", "inbox", order=10),
        NavigationEntry(_("Outbox"), "messages:list", "mail", _("Operations"), 80),
        NavigationEntry(_("Senders"), "senders:list", "send", _("Operations"), 81),
        NavigationEntry(_("Suppressions"), "consent:list", "shield", _("Operations"), 82),
    ],
    HOME: [home.replies_waiting, home.messages_to_settle, home.recent_replies],
    LEAD_PANELS: [lead_panel, relations_panel, find_email],
    LEAD_ACTIONS: [EXCLUDE],
    KEEPERS: [removals],
    SEND_TEST: [send_test],
    REFRESHED: [keep_refresh_token],
    OPT_OUTS: [suppress_imported],
    PACK_FOLDERS: [Path(__file__).parent / "replies" / "packs"],
    ADMIN_GROUPS: [AdminGroup(_("Conversations"), "forum", ("conversations.",))],
    ADMIN_FIGURES: [
        AdminFigure(_("messages planned"), "conversations.Message", {"state": "scheduled"}),
        AdminFigure(_("messages with an unknown fate"), "conversations.Message", {"state": "unknown"}),
        AdminFigure(_("inbound events that failed"), "inbound.InboundEvent", {"state": "failed"}),
    ],
}
