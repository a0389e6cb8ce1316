"""Pages of segments: list, detail, filter builder with live preview."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leads.panels import next_steps
from leads.segments import builder, compiler, from_list, schema, selectors, services, wording
from leads.segments.forms import SegmentForm, suggestions
from leads.segments.models import Segment, SegmentVersion
from leads.segments.services import ChangedMeanwhile
from outreach.access.pages import Request, action, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import numbers
from outreach.core.errors import Invalid, OutreachError

PAGE_SIZE = 50


@require_GET
@role_required(Role.VIEWER)
def segment_list(request: HttpRequest) -> HttpResponse:
    is_archive = request.GET.get("show") == "archived"
    segments: QuerySet[Segment] = selectors.segment_list(with_archived=is_archive)
    if is_archive:
        segments = segments.exclude(archived_at=None)
    if query := request.GET.get("q", "").strip():
        segments = segments.filter(name__icontains=query)
    return render(
        request, "leads/segments/list.html", {"segments": segments[:200], "is_archive": is_archive, "query": query}
    )


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def segment_create(request: HttpRequest) -> HttpResponse:
    """GET `?q=&country=&status=&tag=&import=…`: starts with the conditions of a list of people."""
    if request.method == "POST":
        return _edit(request, SegmentForm.read(request.POST), None)
    form = SegmentForm()
    if criteria := from_list.criteria_of(request.GET):
        form = SegmentForm(name=from_list.name_of(request.GET), root=builder.from_criteria(schema.parse(criteria)))
    return _edit(request, form, None)


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def segment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    version = segment.current
    if request.method == "POST" or version is None:
        form = SegmentForm.read(request.POST)
    else:
        form = SegmentForm.of(segment, version)
    return _edit(request, form, segment)


def _edit(request: HttpRequest, form: SegmentForm, segment: Segment | None) -> HttpResponse:
    """The edit page; on POST a button of the builder, a preview, or saving."""
    context: dict[str, Any] = {"segment": segment}
    status = 200
    action = request.POST.get("do", "") if request.method == "POST" else ""
    if action == "save":
        try:
            version = services.save_segment(
                name=form.name,
                description=form.description.strip(),
                criteria=form.criteria(),
                created_by=viewer(request),
                segment=segment,
                based_on=form.based_on,
            )
        except ChangedMeanwhile as error:
            status = 409
            context |= _conflict(error)
            form.based_on = error.current.number
        except Invalid as error:
            status = 400
            if error.field == "name":
                form.name_error = error.reason
            else:
                form.error = form.error or str(error)
        else:
            messages.success(request, _("Saved as version %(number)s.") % {"number": version.number})
            return redirect("segments:detail", pk=version.segment_id)
    elif action not in {"", "preview", "refresh"}:
        form.act(action)
    if request.method == "POST":
        context |= _preview(form)
    context |= {"form": form, "suggestions": suggestions(form.root)}
    return render(request, "leads/segments/edit.html", context, status=status)


def _conflict(error: ChangedMeanwhile) -> dict[str, Any]:
    theirs, mine = schema.parse(error.current.criteria), schema.parse(error.criteria)
    return {
        "conflict": error,
        "difference": wording.difference(theirs, mine, _),
        "theirs": error.current.criteria,
        "mine": error.criteria,
    }


@require_POST
@role_required(Role.OPERATOR)
def segment_builder(request: HttpRequest) -> HttpResponse:
    """The builder after one of its buttons or menus."""
    form = SegmentForm.read(request.POST)
    form.act(request.POST.get("do", ""))
    response = render(request, "leads/segments/_builder.html", {"form": form, "suggestions": suggestions(form.root)})
    response["HX-Trigger"] = "criteria-changed"
    return response


@require_POST
@role_required(Role.VIEWER)
def segment_preview(request: HttpRequest) -> HttpResponse:
    """Count and first matches of the form's definition."""
    form = SegmentForm.read(request.POST)
    context = _preview(form, is_exact=request.POST.get("do") == "exact")
    response = render(request, "leads/segments/_preview.html", context)
    if (found := context.get("count")) is not None:
        # The count comes with the table, and a live region must stand before its words change.
        words = ngettext("lead matches", "leads match", found)
        more = "+" if context["cap"] and found >= context["cap"] else ""
        response["HX-Trigger"] = json.dumps({"announce": {"text": f"{found}{more} {words}"}})
    return response


def _preview(form: SegmentForm, *, is_exact: bool = False) -> dict[str, Any]:
    try:
        criteria, incomplete = form.draft()
        if criteria is None:
            return {"is_empty": True, "incomplete": incomplete}
        predicate = compiler.compile_criteria(criteria)
        return {
            "count": selectors.count(criteria, None if is_exact else selectors.COUNT_CAP),
            "cap": None if is_exact else selectors.COUNT_CAP,
            "rows": selectors.preview(criteria),
            "plan": selectors.explain(criteria),
            "sql": compiler.shown(predicate),
            "incomplete": incomplete,
        }
    except OutreachError as error:
        return {"problem": error.reason}


@require_GET
@role_required(Role.VIEWER)
def segment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.select_related("created_by"), pk=pk)
    versions = list(segment.versions.select_related("created_by").order_by("-number")[:50])
    if not versions:
        return redirect("segments:edit", pk=pk)
    number = request.GET.get("version", "")
    shown = next((v for v in versions if str(v.number) == number), versions[0])
    context: dict[str, Any] = {
        "segment": segment,
        "shown": shown,
        "current": versions[0],
        "history": _history(versions),
        "users": selectors.users_of(segment),
        "next_steps": next_steps("segment", segment.pk),
        "sql": compiler.shown(compiler.Predicate(shown.predicate, shown.parameters)),
    }
    return render(request, "leads/segments/detail.html", context | _members(request, shown))


def _members(request: HttpRequest, version: SegmentVersion) -> dict[str, Any]:
    """One page of matching leads, the capped count, and the plan."""
    after = request.GET.get("after", "")
    is_exact = request.GET.get("count") == "exact"
    try:
        rows = selectors.preview(
            version.criteria, PAGE_SIZE + 1, int(after) if after.isdecimal() and len(after) < 19 else None
        )
        return {
            "rows": rows[:PAGE_SIZE],
            "next_after": rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None,
            "after": after,
            "count": selectors.count(version.criteria, None if is_exact else selectors.COUNT_CAP),
            "cap": None if is_exact else selectors.COUNT_CAP,
            "plan": selectors.explain(version.criteria),
        }
    except OutreachError as error:
        return {"problem": error.reason, "rows": []}


def _history(versions: list[SegmentVersion]) -> list[dict[str, Any]]:
    """Versions, newest first, each with what it changed."""
    history = []
    for version, before in zip(versions, [*versions[1:], None], strict=True):
        difference = None
        if before is not None:
            difference = wording.difference(schema.parse(before.criteria), schema.parse(version.criteria), _)
        history.append({"version": version, "difference": difference})
    return history


@require_GET
@role_required(Role.VIEWER)
def segment_count(request: HttpRequest, pk: int) -> HttpResponse:
    """How many match now, up to the cap: fetched by each row of the list, so that a slow one holds up no other."""
    version = get_object_or_404(Segment, pk=pk).current
    try:
        found = selectors.count(version.criteria) if version else 0
    except OutreachError:
        return HttpResponse("—")
    return HttpResponse(numbers.count(found) + ("+" if found >= selectors.COUNT_CAP else ""))


@require_GET
@role_required(Role.VIEWER)
def segment_difference(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions side by side: removed conditions, added conditions, and how many leads each matches."""
    segment = get_object_or_404(Segment, pk=pk)
    numbers = [
        int(text) if (text := request.GET.get(n, "")).isdecimal() and len(text) < 9 else None for n in ("from", "to")
    ]
    context: dict[str, Any] = {"segment": segment, "versions": segment.versions.order_by("-number")[:200]}
    try:
        old, new = selectors.versions_between(segment, *numbers)
        context |= {
            "old": old,
            "new": new,
            "difference": wording.difference(schema.parse(old.criteria), schema.parse(new.criteria), _),
            "cap": selectors.COUNT_CAP,
            "counts": [selectors.count(version.criteria) for version in (old, new)],
        }
    except OutreachError as error:
        context["problem"] = error.reason
    return render(request, "leads/segments/difference.html", context, status=400 if "problem" in context else 200)


@require_POST
@role_required(Role.OPERATOR)
def segment_archive(request: HttpRequest, pk: int) -> HttpResponse:
    segment = services.archive_segment(segment=get_object_or_404(Segment, pk=pk), user=viewer(request))
    messages.success(request, _("“%(name)s” was archived.") % {"name": segment.name})
    return redirect("segments:list")


@require_POST
@role_required(Role.OPERATOR)
def segment_restore(request: HttpRequest, pk: int) -> HttpResponse:
    segment = services.restore_segment(segment=get_object_or_404(Segment, pk=pk), user=viewer(request))
    messages.success(request, _("“%(name)s” was restored.") % {"name": segment.name})
    return redirect("segments:detail", pk=pk)


@action(Role.OPERATOR, back="segments:detail")
def segment_delete(request: Request, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    services.delete_segment(segment=segment, user=request.user)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": segment.name})
    return redirect("segments:list")
