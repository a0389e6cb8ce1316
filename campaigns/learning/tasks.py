"""Background work of nightly learning."""

from campaigns.learning import feedback, services
from leads.learning.agents import sampling
from outreach.core.words import gettext as _


def learn_all() -> str:
    """Tonight's step for every daily campaign; who has had it keeps it."""
    return _("%(count)s learned") % {"count": services.learn_all()}


def tell_agents() -> str:
    """Feedback for the agents of briefs on everyone written to a week ago; then their policies are compared again."""
    told = feedback.tell_agents()
    return _("%(told)s told, %(compared)s compared") % {"told": told, "compared": sampling.refresh_all()}
