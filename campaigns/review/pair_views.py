"""The judge on pairs: two versions of a text beside each other, its word in both orders, and how far it is people's."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from campaigns.drafts import agreement, judging, pairs
from campaigns.drafts.models import Comparison, Draft
from outreach.access.pages import Request, action
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.jobs.services import start_job

SHOWN = 30


@require_safe
@role_required(Role.REVIEWER)
def index(request: Request) -> HttpResponse:
    """GET /drafts/pairs/: the newest pairs; `?draft=` shows those of one draft."""
    rows: QuerySet[Comparison] = Comparison.objects.all()
    draft = None
    if (number := request.GET.get("draft", "")).isdecimal():
        draft = get_object_or_404(Draft.objects.select_related("candidate__lead"), pk=number)
        rows = rows.filter(draft=draft) | rows.filter(other=draft)
    shown = rows.select_related("draft__candidate__lead", "draft__candidate__campaign", "draft__step", "other", "trace")
    context = {
        "draft": draft,
        "cards": [_card(row) for row in shown[:SHOWN]],
        "waiting": [] if draft is None else [_shown(versions) for versions in pairs.versions_of(draft)],
        "judge": judging.current_judge(),
        "has_judge": judging.has_judge(),
        "agreement": pairs.agreement_of(),
        "least": agreement.LEAST_PAIRS,
    }
    return render(request, "campaigns/review/pairs.html", context)


@action(Role.OPERATOR, back="drafts:pairs", keep=())
def judge(request: Request) -> str:
    """POST /drafts/pairs/judge/: ask about earlier pairs in the background."""
    start_job(
        kind="campaign.compare_decided",
        task="campaigns.review.tasks.compare_decided",
        started_by=request.user,
        lane="llm",
    )
    return _("The judge reads up to 50 earlier pairs in the background, each in both orders.")


@action(Role.REVIEWER, back="drafts:pairs", keep=())
def compare(request: Request, pk: int) -> HttpResponse:
    """POST /drafts/<id>/pairs/: the judge's word on the versions of one draft, now."""
    draft = get_object_or_404(Draft.objects.select_related("candidate__campaign", "step"), pk=pk)
    if count := len(pairs.compare_draft(draft)):
        text = ngettext("%(count)s pair compared.", "%(count)s pairs compared.", count)
        messages.success(request, text % {"count": count})
    else:
        messages.warning(
            request, _("Nothing was compared: no model answered in both orders, or there is one version only.")
        )
    return redirect(f"{reverse('drafts:pairs')}?draft={pk}")


def _card(row: Comparison) -> dict[str, object]:
    versions = pairs.Versions(row.draft, row.other, row.person)
    pair = agreement.Pair(row.forward, row.backward, row.person)
    return {
        **_shown(versions),
        "row": row,
        "verdict": pair.verdict,
        "is_turned": pair.is_turned,
        "backward": _swapped(row.backward),
    }


def _swapped(word: str) -> str:
    """The text that a word of the second round means: places were swapped then."""
    meant = {"first": Comparison.Word.SECOND, "second": Comparison.Word.FIRST}.get(word, Comparison.Word.SAME)
    return str(meant.label)


def _shown(versions: pairs.Versions) -> dict[str, object]:
    first, second = versions.texts
    draft, other = versions.draft, versions.other
    names = (draft.variant, other.variant) if other else (_("as written"), _("as edited"))
    sides = (("first", names[0], first), ("second", names[1], second))
    return {"draft": draft, "sides": sides, "person": versions.person}
