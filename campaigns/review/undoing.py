"""Taking back a reviewer's last decision, be it about one draft or about a group, as long as nothing has left."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from campaigns.audience.services import include
from campaigns.drafts.models import DRAFT, Decision, Draft
from campaigns.drafts.services import back_to_review, lock_siblings
from campaigns.journey.advancing import lock_candidate
from campaigns.journey.replanning import unplan
from campaigns.models import CANDIDATE, Campaign, Candidate
from campaigns.review.services import step_back
from conversations.models import MESSAGE
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

LASTING = timedelta(hours=12)
"""An older decision is taken back on the page of its draft, where one sees what it was."""


@dataclass
class Undone:
    """What came back to review, and the reasons why the rest did not."""

    verb: str
    done: list[int] = field(default_factory=list)
    kept: list[tuple[int, str]] = field(default_factory=list)

    def sentence(self) -> str:
        count = len(self.done)
        said = ngettext(
            "Undone: %(count)s draft is back in review.", "Undone: %(count)s drafts are back in review.", count
        )
        left = " ".join(dict.fromkeys(reason for _pk, reason in self.kept))
        return f"{said % {'count': count}} {left}".strip()


def last_decision(*, user: User, campaign: Campaign | None = None) -> Decision | None:
    """The user's newest decision that still stands, in one campaign or in any."""
    drafts = Draft.objects.filter(decision=OuterRef("pk"))
    if campaign is not None:
        drafts = drafts.filter(candidate__campaign=campaign)
    rows = Decision.objects.filter(Exists(drafts), user=user, undone_at=None, created_at__gt=clock.now() - LASTING)
    return rows.order_by("-pk").first()


def undo(*, user: User, campaign: Campaign | None = None) -> Undone:
    """Take back the user's last decision. Raises `Refused` when there is none, or nothing of it can come back."""
    decision = last_decision(user=user, campaign=campaign)
    if decision is None:
        raise Refused(_("There is nothing to undo."), code="nothing_to_undo")
    found = Undone(decision.verb)
    for draft in Draft.objects.filter(decision=decision).order_by("pk"):
        try:
            with transaction.atomic():
                if _take_back(draft, decision, Actor.of(user)):
                    found.done.append(draft.pk)
        except OutreachError as error:
            found.kept.append((draft.pk, error.reason))
    Decision.objects.filter(pk=decision.pk).update(undone_at=clock.now())
    if not found.done:
        raise Refused(found.kept[0][1] if found.kept else _("This has changed since, so it can't be undone."))
    return found


def _take_back(draft: Draft, decision: Decision, actor: Actor) -> bool:
    """One draft returns to review; False when it is there already. In the caller's transaction."""
    candidate = lock_candidate(draft.candidate_id)
    lock_siblings(draft)
    row = Draft.objects.select_related("message").get(pk=draft.pk)
    row.candidate = candidate
    reason = _("Undone.")
    is_excluded = decision.verb == Decision.Verb.EXCLUDE
    if is_excluded:
        _bring_back(candidate, actor, reason)
    elif candidate.stage in CANDIDATE.out:
        raise Refused(_("This lead has left the campaign."))
    if row.is_handed_over and not unplan(row, actor=actor, reason=reason):
        raise Refused(_("This message has already left, so it can't be taken back."), code="message_left")
    if row.state in DRAFT.decided:
        back_to_review(row, actor, reason)
    elif row.is_superseded and is_excluded:
        DRAFT.move(row, "pending_review", actor=actor, reason=reason)
    elif row.is_superseded:
        raise Refused(_("This has changed since, so it can't be undone."))
    else:
        return False
    step_back(row)
    return True


def _bring_back(candidate: Candidate, actor: Actor, reason: str) -> None:
    """An excluded candidate is in the campaign again; it had qualified, or nothing would have been written to it."""
    if candidate.stage not in CANDIDATE.out:
        return
    if Draft.objects.filter(candidate=candidate, message__state__in=MESSAGE.left).exists():
        raise Refused(_("This person was already written to. Restore them on the campaign's page."))
    include(candidate=candidate, actor=actor, reason=reason)
    if candidate.stage in CANDIDATE.unjudged:
        CANDIDATE.move(candidate, "qualified", actor=actor, reason=reason)
    CANDIDATE.move(candidate, "drafted", actor=actor, reason=reason)
