"""Pages of duplicates: the queue, two side by side, and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leads.duplicates import comparison, services
from leads.duplicates.models import DUPLICATE, Duplicate, Kind
from outreach.access.pages import Request, action
from outreach.access.permissions import role_required, viewer_has
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.paging import as_id


def _pair(pk: int) -> Duplicate:
    rows = Duplicate.objects.select_related(
        "low_lead__company", "high_lead__company", "low_company", "high_company", "merge"
    )
    return get_object_or_404(rows.prefetch_related("low_lead__identities", "high_lead__identities"), pk=pk)


@require_safe
@role_required(Role.VIEWER)
def duplicate_list(request: HttpRequest) -> HttpResponse:
    """GET /duplicates/ `?kind=lead|company&state=open|merged|apart&after=<score>:<id>`"""
    kind = request.GET.get("kind", "")
    state = request.GET.get("state", "open")
    kind = kind if kind in Kind.values else ""
    state = state if state in DUPLICATE.states else "open"
    rows = services.queue(kind=kind, state=state)
    score, _colon, number = request.GET.get("after", "").partition(":")
    if as_id(number) and score.replace(".", "", 1).isdigit() and score.isascii():
        rows = services.after(rows, score=float(score), pk=as_id(number))
    pairs = list(rows[: services.PAGE_SIZE + 1])
    page = pairs[: services.PAGE_SIZE]
    context = {
        "pairs": page,
        "kind": kind,
        "state": state,
        "kinds": Kind.choices,
        "states": [(name, row.label) for name, row in DUPLICATE.states.items()],
        "next_after": f"{page[-1].score}:{page[-1].pk}" if len(pairs) > services.PAGE_SIZE else "",
    }
    return render(request, "leads/duplicates/list.html", context)


@require_safe
@role_required(Role.VIEWER)
def duplicate_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /duplicates/<pk>/: two side by side."""
    pair = _pair(pk)
    sides = [comparison.side(record) for record in (pair.low, pair.high) if record is not None]
    context = {
        "pair": pair,
        "sides": sides,
        "lines": comparison.lines(pair),
        "why": comparison.why(pair),
        "following": services.queue(kind=pair.kind).exclude(pk=pk).first() if pair.is_open else None,
        "can_decide": viewer_has(request, Role.OPERATOR),
    }
    return render(request, "leads/duplicates/detail.html", context)


PRESSED = action(Role.OPERATOR, back="duplicates:detail")


@PRESSED
def duplicate_merge(request: Request, pk: int) -> HttpResponse:
    """POST /duplicates/<pk>/merge/ `kept=<id>`"""
    kept = as_id(request.POST.get("kept", ""))
    services.merge_pair(pair=_pair(pk), kept_id=kept, actor=Actor.of(request.user))
    return _go_on(request, pk, _("Merged."))


@PRESSED
def duplicate_apart(request: Request, pk: int) -> HttpResponse:
    """POST /duplicates/<pk>/apart/"""
    services.keep_apart(pair=_pair(pk), actor=Actor.of(request.user))
    return _go_on(request, pk, _("Kept apart."))


@PRESSED
def duplicate_undo(request: Request, pk: int) -> HttpResponse:
    """POST /duplicates/<pk>/undo/: undo a merge or a "kept apart"."""
    services.take_back(pair=_pair(pk), actor=Actor.of(request.user))
    return _go_on(request, pk, _("Decision undone."))


def _go_on(request: HttpRequest, pk: int, text: str) -> HttpResponse:
    """Say what was done and, where that is wished, open the next pair."""
    messages.success(request, text)
    queue = services.queue(kind=_pair(pk).kind).exclude(pk=pk)
    following = queue.first() if request.POST.get("go_on") else None
    return redirect("duplicates:detail", pk=following.pk if following else pk)
