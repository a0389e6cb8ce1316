"""What jobs are called on pages. Pure; a kind that is not listed is its own name."""

from __future__ import annotations

from outreach.core.words import gettext, gettext_noop

NAMES = {
    "backup": gettext_noop("Backup"),
    "prompts.benchmark": gettext_noop("Benchmark"),
    "campaign.approve_group": gettext_noop("Approve similar drafts"),
    "campaign.check_recipients": gettext_noop("Check recipients"),
    "campaign.compare_decided": gettext_noop("Compare the judge with people"),
    "campaign.day": gettext_noop("Day of a daily campaign"),
    "campaign.freeze": gettext_noop("Find the people"),
    "campaign.generate_drafts": gettext_noop("Write drafts"),
    "campaign.hand_over": gettext_noop("Plan messages"),
    "campaign.judge_decided": gettext_noop("Let the judge read decided drafts"),
    "campaign.qualify": gettext_noop("Qualify people"),
    "campaign.reopen": gettext_noop("New times for planned messages"),
    "campaign.replan": gettext_noop("Reschedule follow-ups"),
    "campaign.reword_drafts": gettext_noop("Edit similar drafts"),
    "campaign.apply_text": gettext_noop("Rewrite drafts"),
    "dry run": gettext_noop("Dry run of an import"),
    "export": gettext_noop("Export"),
    "import": gettext_noop("Import"),
    "import undo": gettext_noop("Undo an import"),
    "learning.measurement": gettext_noop("Measurement"),
    "read records again": gettext_noop("Read records again"),
    "research": gettext_noop("Research"),
}


def name(kind: str) -> str:
    """`kind` in the reader's language."""
    return gettext(NAMES[kind]) if kind in NAMES else kind
