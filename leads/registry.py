"""What this wing contributes: see `outreach.core.registry`."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from leads import assistants, event_kinds, finders, personal
from leads.bulk import COMPANY_ACTIONS, LEAD_ACTIONS, with_their_people
from leads.directory import tagging
from leads.duplicates import services as duplicates
from leads.imports.exports import scopes
from leads.imports.exports.services import EXPORT_SCOPES
from leads.insights import keywords
from leads.insights import panels as insights
from leads.insights import services as research
from leads.insights.writing import InsightAnswer
from leads.panels import COMPANY_PANELS, LEAD_PANELS
from leads.qualification import judge
from leads.qualification.panels import verdicts
from leads.segments.bulk import SEGMENT
from leads.segments.exports import segment
from leads.sources.network import panels as network
from leads.sources.panels import records
from outreach.assistants.tools import TOOLS
from outreach.core.admin import ADMIN_FIGURES, ADMIN_GROUPS, AdminFigure, AdminGroup
from outreach.core.home import HOME
from outreach.core.navigation import NAVIGATION, SETTINGS, NavigationEntry, capped
from outreach.core.palette import ACTIONS, FINDERS, Action, Finder
from outreach.core.registry import Registry
from outreach.events.kinds import EVENT_KINDS, SUBJECTS
from outreach.llm.masking import KNOWN
from outreach.prompts.services import PACK_FOLDERS
from outreach.prompts.testing import STAND_INS, StandIn

HERE = Path(__file__).parent

REGISTRY: Registry = {
    KNOWN: [personal.values_of],
    TOOLS: assistants.TOOLS,
    EVENT_KINDS: event_kinds.KINDS,
    SUBJECTS: event_kinds.SUBJECTS,
    NAVIGATION: [
        NavigationEntry(_("People"), "leads:list", "people", 30),
        NavigationEntry(_("Companies"), "companies:list", "building", 31, "leads:list"),
        NavigationEntry(_("Segments"), "segments:list", "filter", 32, "leads:list"),
        NavigationEntry(_("Imports"), "imports:list", "upload", 33, "leads:list"),
        NavigationEntry(
            _("Duplicates"),
            "duplicates:list",
            "merge",
            34,
            "leads:list",
            count=lambda _request: capped(duplicates.queue()),
            shows_when_counted=True,
        ),
        NavigationEntry(
            _("Sources"),
            "sources:list",
            "globe",
            70,
            SETTINGS,
            group=_("Finding people"),
            help=_("Public listings and directories that are searched for new people."),
        ),
        NavigationEntry(
            _("Network"),
            "network:list",
            "network",
            71,
            SETTINGS,
            group=_("Finding people"),
            help=_("Your accounts at the professional network, and the people found through them."),
        ),
        NavigationEntry(
            _("Briefs"),
            "briefs:list",
            "target",
            72,
            SETTINGS,
            group=_("Finding people"),
            help=_("What makes someone a good fit. Campaigns qualify people by a brief."),
        ),
        NavigationEntry(
            _("Evaluation"),
            "learning:list",
            "gauge",
            73,
            SETTINGS,
            permission="outreach.operate",
            group=_("Finding people"),
            help=_("How well your history predicts who converts, and which way of choosing would have won most."),
        ),
    ],
    ACTIONS: [
        Action(_("Import a list"), "imports:create", "upload", "outreach.operate", _("upload CSV XLSX file people")),
        Action(_("Add a person"), "leads:create", "plus", "outreach.operate", _("new lead contact")),
        Action(_("Add a company"), "companies:create", "plus", "outreach.operate", _("new firm")),
        Action(_("New segment"), "segments:create", "plus", "outreach.operate", _("create filter list audience")),
        Action(_("New brief"), "briefs:create", "plus", "outreach.operate", _("create qualification")),
        Action(_("Search a source"), "sources:create", "plus", "outreach.operate", _("new crawl scrape directory")),
    ],
    FINDERS: [
        Finder(_("People"), "user", finders.people, 10),
        Finder(_("Companies"), "building", finders.companies, 20),
        Finder(_("Segments"), "filter", finders.segments, 40),
    ],
    HOME: [network.accounts_waiting],
    LEAD_PANELS: [verdicts, records, network.profile_panel, insights.insight, insights.similar],
    LEAD_ACTIONS: [tagging.TAG, tagging.UNTAG, SEGMENT],
    COMPANY_ACTIONS: [
        tagging.TAG_COMPANIES,
        tagging.UNTAG_COMPANIES,
        with_their_people(SEGMENT, _("Segment of their people")),
    ],
    COMPANY_PANELS: [insights.company_insight],
    EXPORT_SCOPES: [scopes.leads, scopes.companies, segment],
    PACK_FOLDERS: [HERE / "insights" / "packs", HERE / "qualification" / "packs"],
    STAND_INS: [
        StandIn(judge.PACK, schema=judge.Judgement),
        StandIn(research.PACK, schema=InsightAnswer),
        StandIn(keywords.PACK, schema=keywords.Keywords),
    ],
    ADMIN_GROUPS: [AdminGroup(_("Leads"), "group", ("leads.",))],
    ADMIN_FIGURES: [AdminFigure(_("leads"), "leads.Lead")],
}
