"""What this wing contributes: see `outreach.core.registry`."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from campaigns.audience.bulk import ADD_TO_CAMPAIGN
from campaigns.audience.exports import candidates
from campaigns.launch.views import start_with
from campaigns.overview import home
from campaigns.reactions import removals
from leads.bulk import LEAD_ACTIONS
from leads.imports.exports.services import EXPORT_SCOPES
from leads.keepers import KEEPERS
from leads.panels import NEXT_STEPS
from outreach.core.admin import ADMIN_FIGURES, ADMIN_GROUPS, AdminFigure, AdminGroup
from outreach.core.home import HOME
from outreach.core.registry import Registry
from outreach.core.surfaces import NAVIGATION, NavigationEntry
from outreach.prompts.services import PACK_FOLDERS

REGISTRY: Registry = {
    NAVIGATION: [
        NavigationEntry(_("Drafts"), "drafts:queue", "pencil", order=20),
        NavigationEntry(_("Campaigns"), "campaigns:list", "megaphone", order=30),
        NavigationEntry(_("Reports"), "reports:index", "chart", _("Operations"), 83),
    ],
    HOME: [home.drafts_to_review, home.tasks_to_do, home.first_steps, home.running],
    NEXT_STEPS: [start_with],
    LEAD_ACTIONS: [ADD_TO_CAMPAIGN],
    KEEPERS: [removals],
    EXPORT_SCOPES: [candidates],
    PACK_FOLDERS: [Path(__file__).parent / "drafts" / "packs"],
    ADMIN_GROUPS: [AdminGroup(_("Campaigns"), "campaign", ("campaigns.",))],
    ADMIN_FIGURES: [
        AdminFigure(_("campaigns sending"), "campaigns.Campaign", {"state": "sending"}),
        AdminFigure(_("drafts to review"), "drafts.Draft", {"state": "pending_review"}),
    ],
}
