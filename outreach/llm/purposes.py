"""What models are asked for: each purpose is a route with a chain of its own. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from outreach.core.states import Text


@dataclass(frozen=True)
class Purpose:
    """`falls_back_to` names the route that serves it when it has no chain of its own; empty: it is left out then."""

    route: str
    label: Text
    help: Text
    falls_back_to: str = "default"


DEFAULT = "default"
PURPOSES: dict[str, Purpose] = {
    purpose.route: purpose
    for purpose in (
        Purpose(DEFAULT, _("Default"), _("Used for each purpose below that has no models of its own."), ""),
        Purpose("qualify", _("Judge leads"), _("Decides how well a lead fits your brief.")),
        Purpose("draft", _("Write drafts"), _("Writes the messages of a campaign.")),
        Purpose("refine", _("Refine drafts"), _("Rewrites a draft that the checks have flagged."), "draft"),
        Purpose("classify", _("Sort replies"), _("Reads what came back: interested, not now, out of office, stop.")),
        Purpose("reply", _("Answer replies"), _("Writes the answers in a conversation.")),
        Purpose("research", _("Research"), _("Sums up pages and documents, and suggests search keywords.")),
        Purpose(
            "judge",
            _("Judge texts"),
            _("Scores drafts. Best another model than the one that writes; without one the rules do it."),
            "",
        ),
        Purpose(
            "plan", _("Plan drafts"), _("Chooses what a message should be about first. Skipped without a model."), ""
        ),
    )
}


def serving(route: str) -> tuple[str, ...]:
    """The routes to look at for `route`, in order: its own, then those that stand in for it."""
    found = [route]
    while (purpose := PURPOSES.get(found[-1])) and purpose.falls_back_to:
        found.append(purpose.falls_back_to)
    if route not in PURPOSES:
        found.append(DEFAULT)
    return tuple(found)
