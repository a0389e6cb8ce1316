"""What this wing contributes: see `outreach.core.registry`."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import assistants, event_kinds, notices
from campaigns.arms.answering import background_of
from campaigns.audience.bulk import ADD_TO_CAMPAIGN
from campaigns.audience.exports import candidates
from campaigns.audience.panels import company_campaigns, lead_campaigns
from campaigns.drafts import examples, judging, samples
from campaigns.drafts.models import DRAFT
from campaigns.launch.views import start_with
from campaigns.models import CAMPAIGN
from campaigns.overview import home
from campaigns.predictions.panels import lead_predictions, outcomes_of
from campaigns.reactions import removals
from campaigns.reactions.inbox import campaign_filter
from campaigns.steps import pins
from conversations.inbox.filters import FILTERS
from conversations.replies.composing import BACKGROUNDS
from leads.bulk import COMPANY_ACTIONS, LEAD_ACTIONS, with_their_people
from leads.imports.exports.services import EXPORT_SCOPES
from leads.keepers import KEEPERS
from leads.panels import COMPANY_PANELS, LEAD_PANELS, NEXT_STEPS
from leads.qualification.predicting import OUTCOMES
from outreach.assistants.tools import TOOLS
from outreach.core.admin import ADMIN_FIGURES, ADMIN_GROUPS, AdminFigure, AdminGroup
from outreach.core.home import HOME
from outreach.core.navigation import NAVIGATION, SETTINGS, NavigationEntry
from outreach.core.palette import ACTIONS, FINDERS, Action, Finder
from outreach.core.registry import Registry
from outreach.events.kinds import EVENT_KINDS, SUBJECTS
from outreach.llm.costs.selectors import LABELS
from outreach.notifications.kinds import NOTICE_KINDS
from outreach.prompts.benchmarks import SCORERS
from outreach.prompts.optimising import EXAMPLES
from outreach.prompts.services import PACK_FOLDERS, PINS, RELATED
from outreach.prompts.testing import SAMPLES, STAND_INS

HERE = Path(__file__).parent

REGISTRY: Registry = {
    TOOLS: assistants.TOOLS,
    EVENT_KINDS: event_kinds.KINDS,
    SUBJECTS: event_kinds.SUBJECTS,
    NOTICE_KINDS: notices.KINDS,
    NAVIGATION: [
        NavigationEntry(
            _("Campaigns"), "campaigns:list", "megaphone", 20, tab=_("Campaigns"), count=home.drafts_waiting_capped
        ),
        NavigationEntry(_("Drafts"), "drafts:queue", "pencil", 21, "campaigns:list", count=home.drafts_waiting_capped),
        NavigationEntry(_("Tasks"), "campaigns:tasks", "tasks", 22, "campaigns:list", count=home.tasks_waiting),
        NavigationEntry(_("Tomorrow"), "campaigns:tomorrow", "calendar", 23, "campaigns:list"),
        NavigationEntry(_("Reports"), "reports:index", "chart", 40, tab=_("Numbers")),
        NavigationEntry(_("Dashboard"), "dashboard:index", "board", 40, "reports:index"),
        NavigationEntry(_("Cohorts"), "reports:cohorts", "cohort", 40, "reports:index"),
        NavigationEntry(_("Patterns"), "patterns:index", "pattern", 41, "reports:index"),
        NavigationEntry(_("Experiments"), "experiments:list", "flask", 41, "reports:index"),
        NavigationEntry(_("Predictions"), "campaigns:prediction-models", "forecast", 44, "reports:index"),
        NavigationEntry(_("Saved reports"), "sharing:list", "share", 42, "reports:index"),
        NavigationEntry(
            _("Approval rules"),
            "drafts:rules",
            "rules",
            61,
            SETTINGS,
            group=pgettext_lazy("settings", "Sending"),
            help=_("Which drafts may leave without being read, tried on earlier drafts first."),
        ),
    ],
    ACTIONS: [
        Action(_("New campaign"), "campaigns:create", "plus", "outreach.operate", _("create start sequence")),
        Action(_("New daily campaign"), "campaigns:create_daily", "plus", "outreach.operate", _("create start")),
        Action(
            _("New experiment"), "experiments:create", "flask", "outreach.operate", _("compare variants A/B test split")
        ),
        Action(_("Review drafts"), "drafts:queue", "pencil", "outreach.review", _("approve messages")),
    ],
    FINDERS: [Finder(_("Campaigns"), "megaphone", home.find_campaigns, 30)],
    HOME: [home.drafts_to_review, home.tasks_to_do, home.first_steps, home.running, home.trend],
    NEXT_STEPS: [start_with],
    FILTERS: [campaign_filter],
    LEAD_ACTIONS: [ADD_TO_CAMPAIGN],
    COMPANY_ACTIONS: [with_their_people(ADD_TO_CAMPAIGN, _("Add people to campaign"))],
    LEAD_PANELS: [lead_predictions, lead_campaigns],
    OUTCOMES: [outcomes_of],
    COMPANY_PANELS: [company_campaigns],
    KEEPERS: [removals],
    BACKGROUNDS: [background_of],
    EXPORT_SCOPES: [candidates],
    PACK_FOLDERS: [HERE / "drafts" / "packs", HERE / "drafts" / "judges"],
    PINS: [pins.of_versions],
    RELATED: [(_("Which text is better?"), "drafts:pairs")],
    SAMPLES: [samples.of_pack],
    STAND_INS: judging.STAND_INS,
    LABELS: [("campaign", home.names_of)],
    SCORERS: [judging.score_answer],
    EXAMPLES: [examples.of_pack],
    ADMIN_GROUPS: [AdminGroup(_("Campaigns"), "campaign", ("campaigns.",))],
    ADMIN_FIGURES: [
        AdminFigure(_("campaigns sending"), "campaigns.Campaign", {"state": CAMPAIGN.SENDING}),
        AdminFigure(_("drafts to review"), "drafts.Draft", {"state": DRAFT.PENDING_REVIEW}),
    ],
}
