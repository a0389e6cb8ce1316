"""What this wing contributes: see `outreach.core.registry`."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from leads.bulk import LEAD_ACTIONS
from leads.directory import tagging
from leads.imports.exports import scopes
from leads.imports.exports.services import EXPORT_SCOPES
from leads.imports.panels import recent_imports
from leads.insights import panels as insights
from leads.panels import COMPANY_PANELS, LEAD_PANELS
from leads.qualification.panels import verdicts
from leads.segments.bulk import SEGMENT
from leads.segments.exports import segment
from leads.sources.network import panels as network
from leads.sources.panels import records
from outreach.core.admin import ADMIN_FIGURES, ADMIN_GROUPS, AdminFigure, AdminGroup
from outreach.core.home import HOME
from outreach.core.registry import Registry
from outreach.core.surfaces import NAVIGATION, NavigationEntry
from outreach.prompts.services import PACK_FOLDERS

HERE = Path(__file__).parent

REGISTRY: Registry = {
    NAVIGATION: [
        NavigationEntry(_("Leads"), "leads:list", "people", _("Audience"), 60),
        NavigationEntry(_("Companies"), "companies:list", "building", _("Audience"), 61),
        NavigationEntry(_("Segments"), "segments:list", "filter", _("Audience"), 62),
        NavigationEntry(_("Briefs"), "briefs:list", "target", _("Audience"), 63),
        NavigationEntry(_("Imports"), "imports:list", "upload", _("Audience"), 64),
        NavigationEntry(_("Sources"), "sources:list", "globe", _("Audience"), 65),
        NavigationEntry(_("Network"), "network:list", "user", _("Audience"), 66),
        NavigationEntry(_("Duplicates"), "duplicates:list", "people", _("Audience"), 67),
    ],
    HOME: [network.accounts_waiting, recent_imports],
    LEAD_PANELS: [verdicts, records, network.profile_panel, insights.insight, insights.similar],
    LEAD_ACTIONS: [tagging.TAG, tagging.UNTAG, SEGMENT],
    COMPANY_PANELS: [insights.company_insight],
    EXPORT_SCOPES: [scopes.leads, scopes.companies, segment],
    PACK_FOLDERS: [HERE / "insights" / "packs", HERE / "qualification" / "packs"],
    ADMIN_GROUPS: [AdminGroup(_("Leads"), "group", ("leads.",))],
    ADMIN_FIGURES: [AdminFigure(_("leads"), "leads.Lead")],
}
