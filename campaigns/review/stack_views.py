"""The stack's own pages: deciding on a group, its wording, undo, assigning, the text as received, a test to oneself."""

from __future__ import annotations

import json
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns.drafts.models import Draft
from campaigns.drafts.services import ChangedMeanwhile
from campaigns.review import answers, groups, many, received, rewording, stacking, undoing
from campaigns.review.answers import Spot, number, of_stack
from campaigns.review.wording import fact_name
from outreach.access.models import User
from outreach.access.pages import viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid, OutreachError
from outreach.core.models import Actor
from outreach.jobs.models import Job


def _here(request: HttpRequest) -> Spot:
    """The stack that the request came from; all campaigns' when it names none."""
    return answers.in_stack(request) or answers.spot(request, QueryDict())


def _group(request: HttpRequest, here: Spot) -> stacking.Alike:
    data = request.POST if request.method == "POST" else request.GET
    return stacking.Alike(here.filters, number(data.get("step"), 0), data.get("shape", ""), number(data.get("upto"), 0))


@require_POST
@role_required(Role.REVIEWER)
def group_approval(request: HttpRequest) -> HttpResponse:
    """POST /drafts/groups/approval/: `variant` of every message of a group that was seen."""
    here, user = _here(request), viewer(request)
    try:
        result = groups.approve(group=_group(request, here), variant=request.POST.get("variant", ""), user=user)
    except OutreachError as error:
        return of_stack(request, here, error.reason, level="red")
    if isinstance(result, Job):
        said = _("Approving %(count)s drafts in the background.") % {"count": result.total_count}
        return of_stack(request, replace(here, place=here.place + 1), said)
    return of_stack(request, here, groups.told(result), level="amber" if result.skipped else "green")


@require_POST
@role_required(Role.REVIEWER)
def group_rejection(request: HttpRequest) -> HttpResponse:
    """POST /drafts/groups/rejection/: `variant` of every message of a group that was seen."""
    here, user = _here(request), viewer(request)
    try:
        result = groups.reject(group=_group(request, here), variant=request.POST.get("variant", ""), user=user)
    except OutreachError as error:
        return of_stack(request, here, error.reason, level="red")
    count = len(result.done)
    said = ngettext("%(count)s draft rejected.", "%(count)s drafts rejected.", count) % {"count": count}
    return of_stack(request, here, said, level="amber" if result.skipped else "green")


@require_GET
@role_required(Role.VIEWER)
def group_rows(request: HttpRequest) -> HttpResponse:
    """GET /drafts/groups/rows/: further members of a group."""
    here = _here(request)
    group = _group(request, here)
    context = {
        "table": stacking.table(group, after=number(request.GET.get("after"), 0)),
        "item": group,
        "stack": request.GET.get(answers.STACK, ""),
        "spot": here,
    }
    return render(request, "campaigns/review/_rows.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.REVIEWER)
def wording(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /drafts/<id>/wording/: the words of all drafts like this one. POST previews a change; with `apply`, makes it."""
    draft = get_object_or_404(Draft.objects.select_related("step", "candidate"), pk=pk)
    words = rewording.words_of(draft)
    context = {
        "draft": draft,
        "subject": words.subject,
        "body": words.body,
        "version": draft.version,
        "names": [(name, fact_name(name)) for name in stacking.slots_of([draft])],
        "stack": _stack_of(request),
    }
    status = 200
    if request.method == "POST":
        subject, body = request.POST.get("subject", ""), request.POST.get("body", "")
        wanted = rewording.Rewording(draft.pk, number(request.POST.get("version"), 0), subject, body)
        context |= {"subject": subject, "body": body, "version": wanted.version}
        try:
            if "apply" in request.POST:
                return _reworded(request, draft, rewording.apply(wanted, user=viewer(request)))
            context["preview"] = rewording.preview(wanted)
        except Invalid as error:
            context["error"], status = error, 422
        except ChangedMeanwhile as conflict:
            context |= {"conflict": conflict, "version": conflict.current.version}
            status = 422
    is_fragment = bool(getattr(request, "htmx", False))
    template = "campaigns/review/_wording.html" if is_fragment else "campaigns/review/wording.html"
    response = render(request, template, context, status=status)
    response["X-Draft-Open"] = "1"
    if is_fragment:
        response["HX-Retarget"], response["HX-Reswap"] = f"#draft-{draft.pk}", "outerHTML"
    return response


def _reworded(request: HttpRequest, draft: Draft, result: many.BulkResult | Job) -> HttpResponse:
    if isinstance(result, Job):
        said = _("Changing %(count)s drafts in the background.") % {"count": result.total_count}
    else:
        said = rewording.told(result)
    here = answers.in_stack(request)
    if here is None:
        return answers.answer(request, draft, said)
    return of_stack(request, here, said, message=(draft.candidate_id, draft.step_id))


def _stack_of(request: HttpRequest) -> str:
    data = request.POST if request.method == "POST" else request.GET
    return data.get(answers.STACK, "")


@require_POST
@role_required(Role.REVIEWER)
def undo(request: HttpRequest) -> HttpResponse:
    """POST /drafts/undo/: take back the last decision, in the campaign of the stack or in any."""
    here = _here(request)
    is_list = "next" in request.POST
    try:
        undone = undoing.undo(user=viewer(request), campaign=here.campaign)
    except OutreachError as error:
        if is_list:
            messages.error(request, error.reason)
            return redirect(answers.back(request))
        return of_stack(request, here, error.reason, level="red")
    if is_list:
        messages.success(request, undone.sentence())
        return redirect(answers.back(request))
    first = Draft.objects.get(pk=undone.done[0])
    level = "amber" if undone.kept else "green"
    return of_stack(request, here, undone.sentence(), level=level, message=(first.candidate_id, first.step_id))


@require_POST
@role_required(Role.REVIEWER)
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /drafts/<id>/assignment/ `reviewer`: give this message to somebody, or to nobody."""
    draft = get_object_or_404(Draft, pk=pk)
    chosen = number(request.POST.get("reviewer"), 0)
    reviewer = get_object_or_404(User, pk=chosen) if chosen else None
    many.assign(drafts=[pk], reviewer=reviewer, actor=Actor.of(viewer(request)))
    said = _("Assigned to %(user)s.") % {"user": reviewer.get_username()} if reviewer else _("Unassigned.")
    return answers.answer(request, draft, said)


@require_GET
@role_required(Role.VIEWER)
def as_received(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /drafts/<id>/received/: as it will be read on a computer and on a phone, and what differs from the template."""
    draft = get_object_or_404(received.rows(), pk=pk)
    context = {"draft": draft, "letter": received.letter(draft), "changes": received.changes(draft)}
    is_fragment = bool(getattr(request, "htmx", False))
    return render(request, f"campaigns/review/{'_received' if is_fragment else 'received'}.html", context)


@require_POST
@role_required(Role.REVIEWER)
def test_message(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /drafts/<id>/test/: send it to the signed-in user's own address, marked as a test."""
    draft = get_object_or_404(received.rows(), pk=pk)
    said = received.send_test(draft, user=viewer(request))
    if not getattr(request, "htmx", False):
        return redirect("drafts:detail", pk=pk)
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({"toast": {"text": said, "level": "green"}})
    return response
