"""What this wing contributes: see `outreach.core.registry`."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conversations import assistants, event_kinds, figures, finders, home, notices, removals
from conversations.channels.email.oauth import REFRESHED
from conversations.consent.bulk import EXCLUDE, EXCLUDE_DOMAIN
from conversations.consent.imported import suppress_imported
from conversations.dispatch.trial import send_test
from conversations.inbox.panels import company_panel, lead_panel
from conversations.network.panels import relations_panel
from conversations.replies import samples
from conversations.resuming.panels import sending_held
from conversations.senders.credentials import keep_refresh_token
from conversations.senders.services import SEND_TEST
from conversations.senders.verification.panels import find_email
from leads.bulk import COMPANY_ACTIONS, LEAD_ACTIONS
from leads.imports.opt_outs import OPT_OUTS
from leads.keepers import KEEPERS
from leads.panels import COMPANY_PANELS, LEAD_PANELS
from outreach.assistants.tools import TOOLS as ASSISTANT_TOOLS
from outreach.core.admin import ADMIN_FIGURES, ADMIN_GROUPS, AdminFigure, AdminGroup
from outreach.core.home import HOME
from outreach.core.navigation import NAVIGATION, SETTINGS, NavigationEntry
from outreach.core.palette import ACTIONS, FINDERS, Action, Finder
from outreach.core.registry import Registry
from outreach.events.feed import TOPICS, Topic
from outreach.events.kinds import EVENT_KINDS, SUBJECTS
from outreach.notifications.kinds import NOTICE_KINDS
from outreach.ops.alerts import RULES
from outreach.ops.figures import FIGURES
from outreach.prompts.services import PACK_FOLDERS
from outreach.prompts.testing import SAMPLES, STAND_INS

REGISTRY: Registry = {
    FIGURES: figures.SENDING,
    RULES: figures.WATCHED,
    ASSISTANT_TOOLS: assistants.TOOLS,
    EVENT_KINDS: event_kinds.KINDS,
    SUBJECTS: event_kinds.SUBJECTS,
    NOTICE_KINDS: notices.KINDS,
    TOPICS: [
        Topic(kind, "conversation", "conversation_id")
        for kind in (
            "conversation.changed",
            "conversation.booked",
            "reply.received",
            "message.sent",
            "message.event",
            "conversation.mentioned",
        )
    ],
    NAVIGATION: [
        NavigationEntry(_("Inbox"), "inbox:list", "inbox", 10, count=home.waiting_count),
        NavigationEntry(
            _("Playbooks"),
            "playbooks:list",
            "chat",
            59,
            SETTINGS,
            group=pgettext_lazy("settings", "Sending"),
            help=_("What answers may say: facts, prices, objections, and what is left to a person."),
        ),
        NavigationEntry(
            _("Saved replies"),
            "inbox:saved-replies",
            "saved",
            59,
            SETTINGS,
            group=pgettext_lazy("settings", "Sending"),
            help=_("Texts that your team answers with often, filled with facts of the person."),
        ),
        NavigationEntry(
            _("Senders"),
            "senders:list",
            "send",
            60,
            SETTINGS,
            group=pgettext_lazy("settings", "Sending"),
            help=_("Mailboxes and phone numbers you write from: health, limits and working hours."),
        ),
        NavigationEntry(
            _("Outbox"),
            "messages:list",
            "mail",
            62,
            SETTINGS,
            group=pgettext_lazy("settings", "Sending"),
            help=_("Every message planned, sent or held, and why."),
        ),
        NavigationEntry(
            _("Failed messages"),
            "messages:problems",
            "alert",
            63,
            SETTINGS,
            group=pgettext_lazy("settings", "Sending"),
            help=_("Messages that need a decision, grouped by cause."),
        ),
        NavigationEntry(
            _("Suppressions"),
            "consent:list",
            "shield",
            64,
            SETTINGS,
            group=pgettext_lazy("settings", "Sending"),
            help=_("People, addresses and domains that are never written to."),
        ),
        NavigationEntry(
            _("Booking pages"),
            "admin:booking_bookingpage_changelist",
            "booking",
            66,
            SETTINGS,
            group=pgettext_lazy("settings", "Sending"),
            help=_("Cal.com and Calendly accounts that tell you of booked, moved and missed calls."),
            permission="outreach.operate",
        ),
        NavigationEntry(
            _("Consent ledger"),
            "consent:ledger",
            "book",
            65,
            SETTINGS,
            group=pgettext_lazy("settings", "Sending"),
            help=_("Who agreed to hear from you, with the evidence."),
        ),
    ],
    ACTIONS: [
        Action(_("New playbook"), "playbooks:create", "plus", "outreach.operate", _("answers conversation objections")),
        Action(
            _("Connect a mailbox"),
            "senders:new",
            "send",
            "outreach.operate",
            _("new sender email account Gmail Outlook"),
            ("smtp",),
        ),
        Action(_("Add a suppression"), "consent:list", "shield", "outreach.operate", _("block opt out unsubscribe")),
    ],
    FINDERS: [Finder(_("Conversations"), "chat", finders.conversations, 50)],
    HOME: [
        sending_held,
        home.replies_waiting,
        home.messages_to_settle,
        home.waiting_replies,
        home.today,
        home.senders_in_trouble,
    ],
    LEAD_PANELS: [lead_panel, relations_panel, find_email],
    LEAD_ACTIONS: [EXCLUDE],
    COMPANY_ACTIONS: [EXCLUDE_DOMAIN],
    COMPANY_PANELS: [company_panel],
    KEEPERS: [removals],
    SEND_TEST: [send_test],
    REFRESHED: [keep_refresh_token],
    OPT_OUTS: [suppress_imported],
    PACK_FOLDERS: [Path(__file__).parent / "replies" / "packs"],
    STAND_INS: [samples.STAND_IN],
    SAMPLES: [samples.of_pack],
    ADMIN_GROUPS: [AdminGroup(_("Conversations"), "forum", ("conversations.",))],
    ADMIN_FIGURES: [
        AdminFigure(_("messages planned"), "conversations.Message", {"state": "scheduled"}),
        AdminFigure(_("messages with an unknown fate"), "conversations.Message", {"state": "unknown"}),
        AdminFigure(_("inbound events that failed"), "inbound.InboundEvent", {"state": "failed"}),
    ],
}
