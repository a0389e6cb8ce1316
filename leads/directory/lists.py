"""Pages of the two lists: filters, order, columns, saved views, and what is done with a selection."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leads import bulk as actions
from leads import names, selectors
from leads.directory import bulk, services
from leads.directory.listing import CONTACTS, KINDS, SIZES, Listing, heads
from leads.directory.models import ListKind, SavedView
from leads.imports.exports import downloads
from leads.imports.models import BATCH, Batch
from leads.models import Company, Lead
from leads.segments import fields
from leads.segments.selectors import choices
from outreach.access.models import User
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import OutreachError
from outreach.jobs.models import Job

PAGES = {ListKind.PEOPLE: "leads:list", ListKind.COMPANIES: "companies:list"}
MOST_IMPORTS = 40


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _common(request: HttpRequest, listing: Listing, columns: list[str]) -> dict[str, Any]:
    user, kind = _user(request), listing.kind
    parts = KINDS[kind]
    return {
        "listing": listing,
        "filters": listing.filters,
        "query": listing.query,
        "heads": heads(listing, columns),
        "all_columns": [(column, column.name in columns) for column in parts.columns],
        "views": services.views_of(user, kind),
        "list_url": reverse(PAGES[kind]),
        "is_filtered": bool(listing.filters),
        "cap": selectors.COUNT_CAP,
        "kind": kind.value,
    }


def _opened(request: HttpRequest, kind: ListKind) -> tuple[Listing, list[str], SavedView | None]:
    """The list that the address asks for; `?view=<id>` is a saved one, with its columns."""
    number = request.GET.get("view", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        view = SavedView.objects.seen_by(_user(request)).filter(kind=kind, pk=number).first()
        if view is not None:
            after = {"after": request.GET.get("after", "")}
            return Listing.read(kind, view.filters | {"sort": view.sort} | after), view.columns, view
    return Listing.read(kind, request.GET), services.columns_of(_user(request), kind), None


def _countries(model: type[Lead | Company]) -> list[tuple[str, str]]:
    found = [(code, names.country_name(code)) for code in selectors.in_use(model, "country")]
    return sorted(found, key=lambda pair: pair[1])


@require_safe
@role_required(Role.VIEWER)
def lead_list(request: HttpRequest) -> HttpResponse:
    """GET /leads/ `?q=&country=&title=&status=&tag=&import=&contact=&sort=&view=&after=`"""
    listing, columns, view = _opened(request, ListKind.PEOPLE)
    page = selectors.lead_list(after=listing.after, sort=listing.sort, **listing.arguments)
    context = _common(request, listing, columns) | {
        "rows": page.rows,
        "next_after": page.next_after,
        "count": selectors.lead_count(**listing.arguments),
        "view": view,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "leads/directory/_lead_rows.html", context)
    context |= {
        "countries": _countries(Lead),
        "statuses": selectors.in_use(Lead, "status", limit=50),
        "tags": [value for value, _label in choices(fields.FIELDS["lead.tags"])],
        "imports": _imports(listing),
        "contacts": CONTACTS,
        "actions": [(action, action.context(request)) for action in actions.LEAD_ACTIONS.entries()],
    }
    return render(request, "leads/directory/lead_list.html", context)


def _imports(listing: Listing) -> list[tuple[str, str]]:
    """The latest imports of people by name and date, and the one that is looked at."""
    batches = Batch.objects.only("file_name", "created_at").exclude(kind=Batch.Kind.COMPANIES)
    found = list(batches.filter(state__in=BATCH.imported).order_by("-pk")[:MOST_IMPORTS])
    chosen = listing.filters.get("import", "")
    if chosen and chosen not in {str(batch.pk) for batch in found}:
        found += list(batches.filter(pk=chosen))
    return [(str(batch.pk), batch.title) for batch in found]


@require_safe
@role_required(Role.VIEWER)
def company_list(request: HttpRequest) -> HttpResponse:
    """GET /companies/ `?q=&country=&industry=&tag=&size=&sort=&view=&after=`"""
    listing, columns, view = _opened(request, ListKind.COMPANIES)
    rows, next_after = selectors.company_list(after=listing.after, sort=listing.sort, **listing.arguments)
    context = _common(request, listing, columns) | {
        "rows": rows,
        "next_after": next_after,
        "count": selectors.company_count(**listing.arguments),
        "view": view,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "leads/directory/_company_rows.html", context)
    context |= {
        "countries": _countries(Company),
        "industries": [value for value, _label in choices(fields.FIELDS["company.industry"])],
        "tags": [value for value, _label in choices(fields.FIELDS["company.tags"])],
        "sizes": SIZES,
    }
    return render(request, "leads/directory/company_list.html", context)


# how a list looks


def _kind(text: str) -> ListKind:
    if text not in ListKind.values:
        raise Http404
    return ListKind(text)


def _back(kind: ListKind, query: str = "") -> HttpResponse:
    return redirect(f"{reverse(PAGES[kind])}?{query}" if query else reverse(PAGES[kind]))


@require_POST
@role_required(Role.VIEWER)
def choose_columns(request: HttpRequest, kind: str) -> HttpResponse:
    """POST /leads/views/<kind>/columns/ `column=…&query=`"""
    services.choose_columns(user=_user(request), kind=_kind(kind), columns=request.POST.getlist("column"))
    return _back(_kind(kind), request.POST.get("query", ""))


@require_POST
@role_required(Role.VIEWER)
def save_view(request: HttpRequest, kind: str) -> HttpResponse:
    """POST /leads/views/<kind>/ `name=&is_shared=&query=`"""
    listing = Listing.read(_kind(kind), dict(parse_qsl(request.POST.get("query", ""))))
    try:
        view = services.save_view(
            user=_user(request),
            listing=listing,
            name=request.POST.get("name", ""),
            columns=services.columns_of(_user(request), listing.kind),
            is_shared=bool(request.POST.get("is_shared")),
        )
    except OutreachError as error:
        messages.error(request, error.reason)
        return _back(listing.kind, listing.query)
    messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
    return _back(listing.kind, f"view={view.pk}")


@require_POST
@role_required(Role.VIEWER)
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /leads/views/<pk>/deletion/"""
    view = get_object_or_404(SavedView.objects.seen_by(_user(request)), pk=pk)
    try:
        services.delete_view(user=_user(request), view=view)
    except OutreachError as error:
        messages.error(request, error.reason)
    else:
        messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return _back(ListKind(view.kind))


# what is done with a selection


def selection_of(request: HttpRequest) -> tuple[bulk.Selection, Listing]:
    """The people ticked on the page, or everyone that its filters find."""
    listing = Listing.read(ListKind.PEOPLE, dict(parse_qsl(request.POST.get("query", ""))))
    if request.POST.get("everything"):
        return bulk.Selection(filters=listing.filters), listing
    ticked = [text for text in request.POST.getlist("lead") if text.isascii() and text.isdigit() and len(text) < 19]
    return bulk.Selection(ids=tuple(map(int, ticked[: bulk.AT_ONCE]))), listing


@require_POST
@role_required(Role.OPERATOR)
def apply_action(request: HttpRequest) -> HttpResponse:
    """POST /leads/bulk/ `action=&lead=…` or `everything=1`, `query=` and the action's own fields."""
    selection, listing = selection_of(request)
    action = actions.action(request.POST.get("action", ""))
    if action is None:
        raise Http404
    try:
        done = bulk.run(action, selection, parameters=action.read(request.POST), user=_user(request))
    except OutreachError as error:
        messages.error(request, error.reason)
        return _back(ListKind.PEOPLE, listing.query)
    if isinstance(done, Job):
        return redirect("leads:bulk-job", pk=done.pk)
    messages.success(request, done)
    return _back(ListKind.PEOPLE, listing.query)


@require_POST
@role_required(Role.OPERATOR)
def export_selection(request: HttpRequest) -> HttpResponse:
    """POST /leads/bulk/export/ `format=csv|xlsx` and a selection; a large one becomes a job."""
    selection, listing = selection_of(request)
    parameters = dict(listing.arguments) if selection.filters is not None else {"ids": list(selection.ids)}
    if selection.filters is None and not selection.ids:
        messages.error(request, _("Select at least one person."))
        return _back(ListKind.PEOPLE, listing.query)
    return exported(request, "leads", parameters, request.POST.get("format", ""))


@require_safe
@role_required(Role.OPERATOR)
def bulk_job(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /leads/bulk/<pk>/: progress of an action on many people, then what it did."""
    job = get_object_or_404(Job.objects.filter(task="leads.directory.tasks.apply_to_many"), pk=pk)
    listing = Listing.read(ListKind.PEOPLE, job.arguments.get("filters") or {})
    return render(request, "leads/directory/bulk/job.html", {"job": job, "query": listing.query})


@require_safe
@role_required(Role.OPERATOR)
def lead_export(request: HttpRequest) -> HttpResponse:
    """GET /leads/export/ `?format=csv|xlsx` and the filters of the list; a large one becomes a job."""
    arguments = Listing.read(ListKind.PEOPLE, request.GET).arguments
    return exported(request, "leads", arguments, request.GET.get("format", ""))


@require_safe
@role_required(Role.OPERATOR)
def company_export(request: HttpRequest) -> HttpResponse:
    """GET /companies/export/ `?format=csv|xlsx` and the filters of the list; a large one becomes a job."""
    arguments = Listing.read(ListKind.COMPANIES, request.GET).arguments
    return exported(request, "companies", arguments, request.GET.get("format", ""))


def exported(request: HttpRequest, scope: str, parameters: dict[str, Any], format: str) -> HttpResponse:  # noqa: A002
    try:
        export = downloads.start_export(request, scope=scope, parameters=parameters, format=format)
    except OutreachError as error:
        messages.error(request, error.reason)
        return redirect("imports:exports")
    return redirect("imports:exports") if export.job_id else downloads.export_response(export)
