"""What the floor contributes: see `outreach.core.registry`."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from outreach.access import resetting
from outreach.core.admin import ADMIN_FIGURES, ADMIN_GROUPS, AdminFigure, AdminGroup
from outreach.core.home import HOME
from outreach.core.navigation import NAVIGATION, SETTINGS, NavigationEntry
from outreach.core.registry import Registry
from outreach.events.kinds import EVENT_KINDS, SUBJECTS
from outreach.jobs import home as jobs
from outreach.jobs.services import enqueue
from outreach.llm import home as models
from outreach.llm import notices as models_failing
from outreach.llm.costs.selectors import LABELS
from outreach.notifications import own
from outreach.notifications.kinds import NOTICE_KINDS
from outreach.ops import alerts, figures
from outreach.ops.alerts import RULES
from outreach.ops.figures import FIGURES
from outreach.prompts import selectors as packs
from outreach.webhooks import event_kinds
from outreach.webhooks import home as webhooks

REGISTRY: Registry = {
    EVENT_KINDS: event_kinds.KINDS,
    SUBJECTS: event_kinds.SUBJECTS,
    NOTICE_KINDS: [own.WEBHOOK, models_failing.FAILING],
    NAVIGATION: [
        NavigationEntry(_("Home"), "home", "home", 0),
        NavigationEntry(_("Settings"), SETTINGS, "gear", 90),
        NavigationEntry(
            _("Prompts"),
            "prompts:list",
            "prompt",
            85,
            SETTINGS,
            group=_("Models"),
            help=_("What models are asked and what is written without one: edit, compare, test."),
            permission="outreach.review",
        ),
        NavigationEntry(
            _("Users and invitations"),
            "access:users",
            "team",
            91,
            SETTINGS,
            group=_("Team"),
            help=_("Who can sign in, and what each of them may do."),
            permission="outreach.administer",
        ),
        NavigationEntry(
            _("Profile and API keys"),
            "access:profile",
            "key",
            92,
            SETTINGS,
            group=_("Team"),
            help=_("Your language, time zone and password, and keys for programs that act for you."),
        ),
        NavigationEntry(
            _("Assistants"),
            "assistants:index",
            "assistant",
            93,
            SETTINGS,
            group=_("Team"),
            help=_("Let Claude, ChatGPT and others look things up and propose drafts, answers and segments."),
        ),
        NavigationEntry(
            _("API documentation"),
            "api-docs",
            "code",
            93,
            SETTINGS,
            group=_("Team"),
            help=_("Every operation with its fields and errors, to try out in the browser."),
        ),
        NavigationEntry(
            _("Notifications"),
            "notifications:preferences",
            "bell",
            87,
            SETTINGS,
            group=_("Connections"),
            help=_("What you want to hear of: replies, bookings, problems; by e-mail or in your own chat."),
        ),
        NavigationEntry(
            _("Webhooks"),
            "webhooks:list",
            "plug",
            88,
            SETTINGS,
            group=_("Connections"),
            help=_("Tell other systems what happens: your own programs, Slack, CRMs."),
            permission="outreach.administer",
        ),
        NavigationEntry(
            _("Models"),
            "models:index",
            "spark",
            84,
            SETTINGS,
            group=_("Models"),
            help=_("Language models: connect a provider, test it, and choose which model does what."),
            permission="outreach.operate",
        ),
        NavigationEntry(
            _("Model costs"),
            "models:costs",
            "coins",
            86,
            SETTINGS,
            group=_("Models"),
            help=_("What models cost, how long they take and how good they are; every call behind the numbers."),
            permission="outreach.operate",
        ),
        NavigationEntry(
            _("Jobs"),
            "jobs:list",
            "clock",
            94,
            SETTINGS,
            group=_("System"),
            help=_("Work in the background: what is running, what failed, what runs on a schedule."),
        ),
        NavigationEntry(
            _("Operations"),
            "operations",
            "pulse",
            94,
            SETTINGS,
            group=_("System"),
            help=_("Whether everything runs: machines, lanes, work that waits, backups, disk and slow queries."),
            permission="outreach.operate",
        ),
        NavigationEntry(
            _("Admin console"),
            "admin:index",
            "table",
            95,
            SETTINGS,
            group=_("System"),
            help=_("Every record of the database, for whoever runs this installation."),
            permission="outreach.operate",
        ),
    ],
    LABELS: [("pack", packs.names_of)],
    resetting.QUEUE: [partial(enqueue, "outreach.access.tasks.send_reset_link")],
    HOME: [
        models.models_failing,
        jobs.jobs_failed,
        jobs.processes_silent,
        jobs.jobs_running,
        models.spend,
        webhooks.switched_off,
    ],
    FIGURES: figures.FLOOR,
    RULES: alerts.FLOOR,
    ADMIN_GROUPS: [
        AdminGroup(_("Models and prompts"), "neurology", ("outreach.llm.", "outreach.prompts.")),
        AdminGroup(
            _("Jobs and events"),
            "schedule",
            (
                "outreach.jobs.",
                "outreach.events.",
                "outreach.webhooks.",
                "outreach.ops.",
                "outreach.backups.",
                "outreach.notifications.",
                "outreach.limits.",
                "outreach.web.",
            ),
        ),
        AdminGroup(_("Access and audit"), "shield_person", ("outreach.access.", "outreach.core.")),
    ],
    ADMIN_FIGURES: [
        AdminFigure(_("failed jobs"), "jobs.Job", {"state": "failed"}),
        AdminFigure(_("dead queue items"), "jobs.QueueItem", {"is_dead__exact": "1"}),
    ],
}
