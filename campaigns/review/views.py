"""Review of drafts: the queue across campaigns, the table of one campaign, and what can be done with each draft."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns.drafts import services as drafts
from campaigns.drafts.models import DRAFT, Draft, Revision
from campaigns.models import CAMPAIGN, Campaign
from campaigns.review import many, selectors, services
from campaigns.review.forms import FilterForm
from campaigns.review.wording import card_words
from outreach.access.pages import Request, action, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.audit import trail
from outreach.core.errors import Invalid

MAX_PAGE = 200
MAX_BULK = 500


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """GET /drafts/: what waits for review in all campaigns."""
    return _table(request, None)


@require_GET
def review(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """GET /campaigns/<id>/drafts/"""
    return _table(request, get_object_or_404(Campaign, pk=campaign_id))


def _table(request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    form = FilterForm(request.GET or None)
    form.hides_campaign = campaign is not None
    filters = form.filters(campaign)
    page = selectors.review_page(
        filters,
        after=_number(request.GET.get("after"), 0),
        limit=max(1, min(_number(request.GET.get("page_size"), selectors.PAGE_SIZE), MAX_PAGE)),
    )
    counts = selectors.state_counts(campaign.pk if campaign else None)
    context = {
        "campaign": campaign,
        "form": form,
        "tabs": _tabs(counts),
        "is_filtered": bool(set(form.changed_data) - {"state"}),
        "page": page,
        "shown_state": filters.state or "all",
        "problems": list(selectors.problems(campaign.pk)) if campaign else [],
        "job": drafts.latest_job(campaign) if campaign else None,
        "can_review": viewer(request).has_role("reviewer"),
        "words": card_words(),
        "variants": sorted({card.draft.variant for group in page.groups for card in group.cards}),
        "can_start": campaign is not None and campaign.state in CAMPAIGN.editable and counts.get("approved", 0),
        "unread": counts.get("pending_review", 0) + counts.get("generated", 0),
    }
    return render(request, "campaigns/review/review.html", context)


def _tabs(counts: dict[str, int]) -> list[tuple[str, object, int]]:
    """(state, label, number of drafts) for the tabs, in the order of work."""
    states = ("pending_review", "approved", "rejected", "handed_over")
    named = [(name, DRAFT.states[name].label, counts.get(name, 0)) for name in states]
    return [*named, ("all", _("All"), sum(counts.values()))]


@action(Role.OPERATOR, back="drafts:review", keep=("campaign_id",))
def generate(request: Request, campaign_id: int) -> str:
    """POST /campaigns/<id>/drafts/generation/"""
    drafts.generate(campaign=get_object_or_404(Campaign, pk=campaign_id), started_by=request.user)
    return _("Writing drafts.")


@action(Role.REVIEWER, back="drafts:review", keep=("campaign_id",))
def apply_rules(request: Request, campaign_id: int) -> str:
    """POST /campaigns/<id>/drafts/rules/: the approval rules of now, on what waits."""
    count = services.apply_rules(campaign=get_object_or_404(Campaign, pk=campaign_id))
    return ngettext("%(count)s draft approved.", "%(count)s drafts approved.", count) % {"count": count}


@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET explains a draft; POST saves an edit."""
    draft = get_object_or_404(Draft, pk=pk)
    if request.method == "POST":
        return _save(request, draft)
    group = selectors.group_of(draft)
    context = {
        "group": group,
        "card": next(card for card in group.cards if card.draft.pk == draft.pk),
        "revisions": draft.revisions.select_related("author"),
        "trail": trail(draft)[:50],
        "words": card_words(),
        "can_review": viewer(request).has_role("reviewer"),
        "is_whole": True,
    }
    return render(request, "campaigns/review/detail.html", context)


@role_required(Role.REVIEWER)
def _save(request: HttpRequest, draft: Draft) -> HttpResponse:
    subject, body = request.POST.get("subject", ""), request.POST.get("body", "")
    try:
        drafts.edit(draft=draft, version=_version(request), subject=subject, body=body, user=viewer(request))
    except drafts.ChangedMeanwhile as conflict:
        return _form(request, conflict.current, subject, body, conflict=conflict)
    except Invalid as error:
        return _form(request, Draft.objects.get(pk=draft.pk), subject, body, error=error)
    return _answer(request, draft, _("Saved."))


@require_GET
@role_required(Role.REVIEWER)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /drafts/<id>/edit/: the form in place of the card."""
    draft = get_object_or_404(Draft.objects.select_related("step", "edited_by"), pk=pk)
    return _form(request, draft, draft.subject, draft.body)


def _form(
    request: HttpRequest,
    draft: Draft,
    subject: str,
    body: str,
    *,
    conflict: drafts.ChangedMeanwhile | None = None,
    error: Invalid | None = None,
) -> HttpResponse:
    """The form with the person's own text; in a conflict the other text is shown beside it."""
    context = {"draft": draft, "subject": subject, "body": body, "conflict": conflict, "error": error}
    is_fragment = bool(getattr(request, "htmx", False))
    template = "campaigns/review/_edit.html" if is_fragment else "campaigns/review/edit.html"
    response = render(request, template, context, status=422 if conflict or error else 200)
    if is_fragment:
        response["HX-Retarget"] = f"#draft-{draft.pk}"
        response["HX-Reswap"] = "outerHTML"
    return response


@require_GET
@role_required(Role.REVIEWER)
def more(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /drafts/<id>/more/: the rarer actions of a card, fetched when its menu is opened: a page has 200 of them."""
    context = {"url": reverse("drafts:detail", args=[pk]), "words": card_words()}
    return render(request, "campaigns/review/_more.html", context)


@require_GET
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /drafts/<id>/group/: the message with all its variants, as it is now."""
    return _answer(request, get_object_or_404(Draft, pk=pk))


@require_POST
@role_required(Role.REVIEWER)
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda d, v: services.approve(draft=d, version=v, user=viewer(request)), _("Approved."))


@require_POST
@role_required(Role.REVIEWER)
def rejection(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request,
        pk,
        lambda d, v: services.reject(draft=d, version=v, user=viewer(request), reason=reason),
        _("Rejected."),
    )


@require_POST
@role_required(Role.REVIEWER)
def back_to_review(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request,
        pk,
        lambda d, v: services.return_to_review(draft=d, version=v, user=viewer(request)),
        _("Back in review."),
    )


@require_POST
@role_required(Role.REVIEWER)
def rewriting(request: HttpRequest, pk: int) -> HttpResponse:
    """POST wish=formal|casual|shorter|regenerate"""
    wish = request.POST.get("wish", "")
    return _act(
        request, pk, lambda d, v: drafts.rewrite(draft=d, version=v, wish=wish, user=viewer(request)), _("Rewritten.")
    )


@require_POST
@role_required(Role.REVIEWER)
def proposal(request: HttpRequest, pk: int, revision_id: int) -> HttpResponse:
    """POST use=1|0: accept or dismiss the proposed text."""
    revision = get_object_or_404(Revision, pk=revision_id, draft_id=pk)
    is_used = request.POST.get("use") == "1"
    return _act(
        request,
        pk,
        lambda _d, v: drafts.settle_proposal(revision=revision, version=v, is_used=is_used, user=viewer(request)),
        _("Done."),
    )


@require_POST
@role_required(Role.REVIEWER)
def exclusion(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request,
        pk,
        lambda d, _v: services.exclude_candidate(draft=d, user=viewer(request), reason=reason),
        _("Excluded from the campaign."),
    )


@require_POST
@role_required(Role.REVIEWER)
def bulk(request: HttpRequest) -> HttpResponse:
    """POST /drafts/bulk/: action and `pick` values `id:version`, so that only what was seen is acted on."""
    pairs = _pairs(request.POST.getlist("pick"))
    action = request.POST.get("action", "")
    user = viewer(request)
    action, _colon, variant = action.partition(":")
    if action == "approve":
        result = many.bulk_approve(pairs=pairs, user=user, variant=variant)
    elif action == "reject":
        result = many.bulk_reject(pairs=pairs, user=user)
    elif action == "exclude":
        result = many.bulk_exclude(pairs=pairs, user=user)
    elif action in drafts.WISHES:
        result = many.bulk_rewrite(pairs=pairs, wish=action, user=user)
    else:
        raise Invalid("action", _("Choose what to do with the drafts."))
    done = ngettext("%(count)s draft done.", "%(count)s drafts done.", len(result.done)) % {"count": len(result.done)}
    messages.success(request, done)
    reasons: dict[str, int] = {}
    for _draft_id, reason in result.skipped:
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in reasons.items():
        messages.warning(request, f"{count} × {reason}")
    back = request.POST.get("next", "")
    return redirect(back if back.startswith("/") and not back.startswith("//") else reverse("drafts:queue"))


def _act(request: HttpRequest, pk: int, act: Callable[[Draft, int], Draft], text: str) -> HttpResponse:
    draft = get_object_or_404(Draft, pk=pk)
    try:
        act(draft, _version(request))
    except drafts.ChangedMeanwhile as conflict:
        return _answer(request, draft, conflict.reason, level="amber")
    return _answer(request, draft, text)


def _answer(request: HttpRequest, draft: Draft, text: str = "", *, level: str = "green") -> HttpResponse:
    """The current message: a fragment for HTMX, otherwise the campaign page."""
    if not getattr(request, "htmx", False):
        if text:
            messages.info(request, text)
        return redirect("drafts:detail", pk=draft.pk)
    context = {"group": selectors.group_of(draft), "can_review": True, "words": card_words()}
    response = render(request, "campaigns/review/_group.html", context)
    if text:
        response["HX-Trigger"] = json.dumps({"toast": {"text": text, "level": level}})
    return response


def _version(request: HttpRequest) -> int:
    return _number(request.POST.get("version"), 0)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else otherwise


def _pairs(values: list[str]) -> list[tuple[int, int]]:
    pairs = []
    for value in values[:MAX_BULK]:
        draft_id, _colon, version = value.partition(":")
        if draft_id.isdecimal() and version.isdecimal():
            pairs.append((int(draft_id), int(version)))
    if not pairs:
        raise Invalid("pick", _("Select at least one draft."))
    return pairs
