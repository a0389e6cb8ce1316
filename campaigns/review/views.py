"""Review of drafts: the queue across campaigns, the table of one campaign, and what can be done with each draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns.drafts import services as drafts
from campaigns.drafts.models import DRAFT, Draft, Revision
from campaigns.models import Campaign
from campaigns.review import answers, many, selectors, services, tone
from campaigns.review.answers import number
from campaigns.review.wording import card_words
from outreach.access.models import User
from outreach.access.pages import Request, action, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.audit import trail
from outreach.core.errors import Invalid
from outreach.core.models import Actor

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
    """What waits one by one; anything else, and what waits if asked for, as a list."""
    here = answers.spot(request, request.GET, campaign)
    is_list = here.filters.state != DRAFT.PENDING_REVIEW or request.GET.get("view") == "list"
    if request.headers.get("HX-Target") == answers.STACK:
        return answers.of_stack(request, here, message=_asked(request), one=number(request.GET.get("one"), 0))
    context = answers.page_context(request, here) | {
        "is_list": is_list,
        "problems": list(selectors.problems(campaign.pk)) if campaign else [],
        "job": drafts.latest_job(campaign) if campaign else None,
    }
    if not is_list:
        one = number(request.GET.get("one"), 0)
        context |= answers.stack_context(request, here, message=_asked(request), one=one)
        return render(request, "campaigns/review/review.html", context)
    page = selectors.review_page(
        here.filters,
        after=number(request.GET.get("after"), 0),
        limit=max(1, min(number(request.GET.get("page_size"), selectors.PAGE_SIZE), MAX_PAGE)),
    )
    context |= {
        "page": page,
        "variants": sorted({card.draft.variant for group in page.groups for card in group.cards}),
        "reviewers": many.reviewers(),
    }
    return render(request, "campaigns/review/review.html", context)


def _asked(request: HttpRequest) -> tuple[int, int] | None:
    """The message of the draft that an address names."""
    pk = number(request.GET.get("at") or request.GET.get("one"), 0)
    return Draft.objects.filter(pk=pk).values_list("candidate_id", "step_id").first() if pk else None


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
        drafts.edit(
            draft=draft,
            version=number(request.POST.get("version"), 0),
            subject=subject,
            body=body,
            user=viewer(request),
        )
    except drafts.ChangedMeanwhile as conflict:
        return _form(request, conflict.current, subject, body, conflict=conflict)
    except Invalid as error:
        return _form(request, Draft.objects.get(pk=draft.pk), subject, body, error=error)
    return answers.answer(request, draft, _("Saved."))


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
    context["stack"] = (request.POST if request.method == "POST" else request.GET).get(answers.STACK, "")
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
    return answers.answer(request, get_object_or_404(Draft, pk=pk))


@require_POST
@role_required(Role.REVIEWER)
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    return answers.act(
        request, pk, lambda d, v: services.approve(draft=d, version=v, user=viewer(request)), _("Approved.")
    )


@require_POST
@role_required(Role.REVIEWER)
def rejection(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return answers.act(
        request,
        pk,
        lambda d, v: services.reject(draft=d, version=v, user=viewer(request), reason=reason),
        _("Rejected."),
    )


@require_POST
@role_required(Role.REVIEWER)
def back_to_review(request: HttpRequest, pk: int) -> HttpResponse:
    return answers.act(
        request,
        pk,
        lambda d, v: services.return_to_review(draft=d, version=v, user=viewer(request)),
        _("Back in review."),
    )


@require_POST
@role_required(Role.REVIEWER)
def rewriting(request: HttpRequest, pk: int) -> HttpResponse:
    """POST wish=formal|casual|shorter|regenerate|note, with a note for the last"""
    wish, note = request.POST.get("wish", ""), request.POST.get("note", "")
    return answers.act(
        request,
        pk,
        lambda d, v: drafts.rewrite(draft=d, version=v, wish=wish, note=note, user=viewer(request)),
        _("Rewritten."),
    )


@require_POST
@role_required(Role.REVIEWER)
def proposal(request: HttpRequest, pk: int, revision_id: int) -> HttpResponse:
    """POST use=1|0: accept or dismiss the proposed text."""
    revision = get_object_or_404(Revision, pk=revision_id, draft_id=pk)
    is_used = request.POST.get("use") == "1"
    return answers.act(
        request,
        pk,
        lambda _d, v: drafts.settle_proposal(revision=revision, version=v, is_used=is_used, user=viewer(request)),
        _("Done."),
    )


@require_POST
@role_required(Role.REVIEWER)
def exclusion(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return answers.act(
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
    back = answers.back(request)
    action, _colon, chosen = action.partition(":")
    if action == "assign":
        return _assign(request, [pk for pk, _version in pairs], number(chosen, 0))
    if action in tone.WISHES and "apply" not in request.POST:
        context = {"trial": tone.preview(pairs, wish=action), "wish": action, "label": card_words()[action]}
        context |= {"picks": [f"{pk}:{version}" for pk, version in pairs], "next": back}
        return render(request, "campaigns/review/tone.html", context)
    if action == "approve":
        result = many.bulk_approve(pairs=pairs, user=user, variant=chosen)
    elif action == "reject":
        result = many.bulk_reject(pairs=pairs, user=user)
    elif action == "exclude":
        result = many.bulk_exclude(pairs=pairs, user=user)
    elif action in tone.WISHES:
        result = many.bulk_rewrite(pairs=pairs, wish=action, user=user)
    else:
        raise Invalid("action", _("Choose what to do with the drafts."))
    done = ngettext("%(count)s draft done.", "%(count)s drafts done.", len(result.done)) % {"count": len(result.done)}
    messages.success(request, done)
    for reason, count in result.reasons().items():
        messages.warning(request, f"{count} × {reason}")
    return redirect(back)


def _assign(request: HttpRequest, ids: list[int], reviewer_id: int) -> HttpResponse:
    reviewer = get_object_or_404(User, pk=reviewer_id) if reviewer_id else None
    count = many.assign(drafts=ids, reviewer=reviewer, actor=Actor.of(viewer(request)))
    done = ngettext("%(count)s draft assigned.", "%(count)s drafts assigned.", count) % {"count": count}
    messages.success(request, done)
    return redirect(answers.back(request))


def _pairs(values: list[str]) -> list[tuple[int, int]]:
    pairs = []
    for value in values[:MAX_BULK]:
        draft_id, _colon, version = value.partition(":")
        if draft_id.isdecimal() and version.isdecimal():
            pairs.append((int(draft_id), int(version)))
    if not pairs:
        raise Invalid("pick", _("Select at least one draft."))
    return pairs
