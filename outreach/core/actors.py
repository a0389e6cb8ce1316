"""What people call the parts of the product that act by themselves. The audit trail keeps their names as in code."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SYSTEM = {
    "backups": gettext_lazy("Backups"),
    "bulk": gettext_lazy("Bulk action"),
    "campaigns": gettext_lazy("Campaigns"),
    "command line": gettext_lazy("Command line"),
    "daily": gettext_lazy("Daily campaigns"),
    "delivery": gettext_lazy("Delivery"),
    "drafts": gettext_lazy("Drafts"),
    "erasure": gettext_lazy("Erasure"),
    "experiments": gettext_lazy("Experiments"),
    "guardrails": gettext_lazy("Guardrails"),
    "import": gettext_lazy("Import"),
    "inbound": gettext_lazy("Incoming mail"),
    "insights": gettext_lazy("Insights"),
    "invitation": gettext_lazy("Invitation"),
    "jobs": gettext_lazy("Jobs"),
    "journey": gettext_lazy("Campaign plan"),
    "merge": gettext_lazy("Merging"),
    "network": gettext_lazy("Network"),
    "nightly": gettext_lazy("Nightly work"),
    "playbooks": gettext_lazy("Playbooks"),
    "preflight": gettext_lazy("Preflight"),
    "prompts": gettext_lazy("Prompts"),
    "provider": gettext_lazy("Provider"),
    "qualification": gettext_lazy("Qualification"),
    "replies": gettext_lazy("Replies"),
    "retention": gettext_lazy("Retention"),
    "rule": gettext_lazy("Approval rule"),
    "segments": gettext_lazy("Segments"),
    "setup link": gettext_lazy("Setup link"),
    "sign-in page": gettext_lazy("Sign-in page"),
    "sources": gettext_lazy("Sources"),
    "sources.refresh": gettext_lazy("Sources"),
    "twilio": "Twilio",
    "undo": gettext_lazy("Undo"),
    "verification": gettext_lazy("Address check"),
    "webhooks": gettext_lazy("Webhooks"),
}


def actor_label(name: str) -> str:
    """The name of an actor in the reader's language; a person's name as it is."""
    kind, _colon, rest = name.partition(": ")
    if rest and kind == "rule":
        return _("Rule “%(name)s”") % {"name": rest}
    return str(SYSTEM.get(name, name))
