"""What the floor contributes: see `outreach.core.registry`."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from outreach.access import resetting
from outreach.core.admin import ADMIN_FIGURES, ADMIN_GROUPS, AdminFigure, AdminGroup
from outreach.core.home import HOME
from outreach.core.registry import Registry
from outreach.core.surfaces import NAVIGATION, NavigationEntry
from outreach.jobs import home
from outreach.jobs.services import enqueue

REGISTRY: Registry = {
    NAVIGATION: [
        NavigationEntry(_("Home"), "home", "home", order=0),
        NavigationEntry(_("Jobs"), "jobs:list", "clock", _("Operations"), 84),
    ],
    resetting.QUEUE: [partial(enqueue, "outreach.access.tasks.send_reset_link")],
    HOME: [home.jobs_failed, home.jobs_running],
    ADMIN_GROUPS: [
        AdminGroup(_("Models and prompts"), "neurology", ("outreach.llm.", "outreach.prompts.")),
        AdminGroup(
            _("Jobs and events"),
            "schedule",
            ("outreach.jobs.", "outreach.events.", "outreach.limits.", "outreach.web."),
        ),
        AdminGroup(_("Access and audit"), "shield_person", ("outreach.access.", "outreach.core.")),
    ],
    ADMIN_FIGURES: [
        AdminFigure(_("failed jobs"), "jobs.Job", {"state": "failed"}),
        AdminFigure(_("dead queue items"), "jobs.QueueItem", {"is_dead__exact": "1"}),
    ],
}
