"""Pages of the two lists: filters, order, columns, saved views, and what is done with a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from leads import bulk as actions
from leads import names, selectors
from leads.directory import bulk, services
from leads.directory.listing import CONTACTS, KINDS, SIZES, Listing, heads, shown
from leads.directory.models import ListKind, SavedView
from leads.imports.exports import downloads
from leads.imports.models import BATCH, Batch
from leads.models import Company, Lead
from leads.segments import fields
from leads.segments.selectors import choices
from outreach.access.pages import viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import OutreachError
from outreach.core.paging import as_id
from outreach.core.states import Text
from outreach.core.words import gettext as _
from outreach.jobs.models import Job

PAGES = {ListKind.PEOPLE: "leads", ListKind.COMPANIES: "companies"}
"""The names of the two lists' addresses."""
MOST_IMPORTS = 40


@dataclass(frozen=True)
class Filter:
    """One field of the toolbar: a select of `choices`, or a text with suggestions. An optional one needs choices."""

    name: str
    label: Text
    choices: Callable[[Listing], list[tuple[str, Any]]] | None = None
    suggested: Callable[[], Iterable[str]] = tuple
    placeholder: Text = ""
    is_optional: bool = False


def _countries(model: type[Lead | Company]) -> Callable[[Listing], list[tuple[str, Any]]]:
    def found(_listing: Listing) -> list[tuple[str, Any]]:
        codes = ((code, names.country_name(code)) for code in selectors.in_use(model, "country"))
        return sorted(codes, key=lambda pair: pair[1])

    return found


def _statuses(listing: Listing) -> list[tuple[str, Any]]:
    known = {*selectors.in_use(Lead, "status", limit=50), *filter(None, [listing.filters.get("status")])}
    return [(name, name) for name in sorted(known)]


def _imports(listing: Listing) -> list[tuple[str, Any]]:
    """The latest imports of people by name and date, and the one that is looked at."""
    batches = Batch.objects.only("file_name", "created_at").exclude(kind=Batch.Kind.COMPANIES)
    found = list(batches.filter(state__in=BATCH.imported).order_by("-pk")[:MOST_IMPORTS])
    chosen = listing.filters.get("import", "")
    if chosen and chosen not in {str(batch.pk) for batch in found}:
        found += list(batches.filter(pk=chosen))
    return [(str(batch.pk), batch.title) for batch in found]


def _suggested(field: str) -> Callable[[], Iterable[str]]:
    return lambda: [value for value, _label in choices(fields.FIELDS[field])]


FILTERS = {
    ListKind.PEOPLE: (
        Filter("q", gettext_lazy("Search"), placeholder=gettext_lazy("Name, e-mail, phone or company")),
        Filter("title", gettext_lazy("Title"), placeholder="CTO"),
        Filter("country", gettext_lazy("Country"), _countries(Lead)),
        Filter("status", gettext_lazy("Status"), _statuses, is_optional=True),
        Filter("tag", gettext_lazy("Tag"), suggested=_suggested("lead.tags"), placeholder=gettext_lazy("Any")),
        Filter("contact", gettext_lazy("Last contact"), lambda _listing: list(CONTACTS)),
        Filter("import", gettext_lazy("Import"), _imports, is_optional=True),
    ),
    ListKind.COMPANIES: (
        Filter("q", gettext_lazy("Search"), placeholder=gettext_lazy("Name, domain or tax id")),
        Filter("country", gettext_lazy("Country"), _countries(Company)),
        Filter(
            "industry",
            gettext_lazy("Industry"),
            suggested=_suggested("company.industry"),
            placeholder=gettext_lazy("Any"),
        ),
        Filter("size", gettext_lazy("Employees"), lambda _listing: list(SIZES)),
        Filter("tag", gettext_lazy("Tag"), suggested=_suggested("company.tags"), placeholder=gettext_lazy("Any")),
    ),
}


def _toolbar(listing: Listing) -> Iterator[dict[str, Any]]:
    for one in FILTERS[listing.kind]:
        offered = one.choices(listing) if one.choices else None
        if offered or not one.is_optional:
            chosen = listing.filters.get(one.name, "")
            yield {"filter": one, "choices": offered, "suggested": list(one.suggested()), "chosen": chosen}


def _opened(request: HttpRequest, kind: ListKind) -> tuple[Listing, list[str], SavedView | None]:
    """The list that the address asks for; `?view=<id>` is a saved one, with its columns."""
    if number := as_id(request.GET.get("view", "")):
        view = SavedView.objects.seen_by(viewer(request)).filter(kind=kind, pk=number).first()
        if view is not None:
            after = {"after": request.GET.get("after", "")}
            return Listing.read(kind, view.filters | {"sort": view.sort} | after), view.columns, view
    return Listing.read(kind, request.GET), services.columns_of(viewer(request), kind), None


@require_safe
@role_required(Role.VIEWER)
def index(request: HttpRequest, kind: ListKind) -> HttpResponse:
    """GET /leads/ `?q=&country=&title=&status=&tag=&import=&contact=&sort=&view=&after=`, GET /companies/
    `?q=&country=&industry=&tag=&size=&sort=&view=&after=`
    """
    listing, columns, view = _opened(request, kind)
    given = {"after": listing.after, "sort": listing.sort, **listing.arguments}
    rows: Sequence[Any]
    if kind == ListKind.PEOPLE:
        page = selectors.lead_list(**given)
        rows, next_after, count = page.rows, page.next_after, selectors.lead_count(**listing.arguments)
    else:
        rows, next_after = selectors.company_list(**given)
        count = selectors.company_count(**listing.arguments)
    parts, pages, of_columns = KINDS[kind], PAGES[kind], heads(listing, columns)
    context = {
        "kind": kind.value,
        "is_people": kind == ListKind.PEOPLE,
        "box": parts.box,
        "listing": listing,
        "query": listing.query,
        "heads": of_columns,
        "rows": shown(listing, rows, of_columns),
        "detail": f"{pages}:detail",
        "all_columns": [(column, column.name in columns) for column in parts.columns],
        "views": services.views_of(viewer(request), kind),
        "view": view,
        "list_url": reverse(f"{pages}:list"),
        "export": reverse(f"{pages}:export"),
        "is_filtered": bool(listing.filters),
        "cap": selectors.COUNT_CAP,
        "count": count,
        "next_after": next_after,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "leads/directory/_rows.html", context)
    context |= {
        "toolbar": list(_toolbar(listing)),
        "bulk_url": reverse(f"{pages}:bulk"),
        "bulk_export_url": reverse(f"{pages}:bulk-export"),
        "actions": [(action, action.context(request)) for action in parts.actions.entries()],
    }
    return render(request, "leads/directory/list.html", context)


# how a list looks


def _kind(text: str) -> ListKind:
    if text not in ListKind.values:
        raise Http404
    return ListKind(text)


def _back(kind: ListKind, query: str = "") -> HttpResponse:
    page = reverse(f"{PAGES[kind]}:list")
    return redirect(f"{page}?{query}" if query else page)


@require_POST
@role_required(Role.VIEWER)
def choose_columns(request: HttpRequest, kind: str) -> HttpResponse:
    """POST /leads/views/<kind>/columns/ `column=…&query=`"""
    services.choose_columns(user=viewer(request), kind=_kind(kind), columns=request.POST.getlist("column"))
    return _back(_kind(kind), request.POST.get("query", ""))


@require_POST
@role_required(Role.VIEWER)
def save_view(request: HttpRequest, kind: str) -> HttpResponse:
    """POST /leads/views/<kind>/ `name=&is_shared=&query=`"""
    listing = Listing.read(_kind(kind), dict(parse_qsl(request.POST.get("query", ""))))
    try:
        view = services.save_view(
            user=viewer(request),
            listing=listing,
            name=request.POST.get("name", ""),
            columns=services.columns_of(viewer(request), listing.kind),
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
    view = get_object_or_404(SavedView.objects.seen_by(viewer(request)), pk=pk)
    try:
        services.delete_view(user=viewer(request), view=view)
    except OutreachError as error:
        messages.error(request, error.reason)
    else:
        messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return _back(ListKind(view.kind))


# what is done with a selection


def selection_of(request: HttpRequest, kind: ListKind) -> tuple[bulk.Selection, Listing]:
    """The rows ticked on the page, or all that its filters find."""
    listing = Listing.read(kind, dict(parse_qsl(request.POST.get("query", ""))))
    if request.POST.get("everything"):
        return bulk.Selection(filters=listing.filters, kind=kind), listing
    ids = [number for text in request.POST.getlist(KINDS[kind].box) if (number := as_id(text))]
    return bulk.Selection(ids=tuple(ids[: bulk.AT_ONCE]), kind=kind), listing


@require_POST
@role_required(Role.OPERATOR)
def apply_action(request: HttpRequest, kind: ListKind) -> HttpResponse:
    """POST /leads/bulk/, /companies/bulk/ `action=&lead|company=…` or `everything=1`, `query=` and the action's fields."""
    selection, listing = selection_of(request, kind)
    action = actions.action(KINDS[kind].actions, request.POST.get("action", ""))
    if action is None:
        raise Http404
    try:
        done = bulk.run(action, selection, parameters=action.read(request.POST), user=viewer(request))
    except OutreachError as error:
        messages.error(request, error.reason)
        return _back(kind, listing.query)
    if isinstance(done, Job):
        return redirect("leads:bulk-job", pk=done.pk)
    messages.success(request, done)
    return _back(kind, listing.query)


@require_POST
@role_required(Role.OPERATOR)
def export_selection(request: HttpRequest, kind: ListKind) -> HttpResponse:
    """POST /leads/bulk/export/, /companies/bulk/export/ `format=csv|xlsx` and a selection; a large one becomes a job."""
    selection, listing = selection_of(request, kind)
    parameters = dict(listing.arguments) if selection.filters is not None else {"ids": list(selection.ids)}
    if selection.filters is None and not selection.ids:
        messages.error(request, str(KINDS[kind].nothing))
        return _back(kind, listing.query)
    return exported(request, PAGES[kind], parameters, request.POST.get("format", ""))


@require_safe
@role_required(Role.OPERATOR)
def bulk_job(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /leads/bulk/<pk>/: progress of an action on many people or companies, then what it did."""
    job = get_object_or_404(Job.objects.filter(task="leads.directory.tasks.apply_to_many"), pk=pk)
    listing = Listing.read(ListKind(job.arguments["kind"]), job.arguments.get("filters") or {})
    context = {
        "job": job,
        "query": listing.query,
        "is_people": listing.kind == ListKind.PEOPLE,
        "list_url": reverse(f"{PAGES[listing.kind]}:list"),
    }
    return render(request, "leads/directory/bulk/job.html", context)


@require_safe
@role_required(Role.OPERATOR)
def export(request: HttpRequest, kind: ListKind) -> HttpResponse:
    """GET /leads/export/, /companies/export/ `?format=csv|xlsx` and the filters of the list; a large one becomes a job."""
    arguments = Listing.read(kind, request.GET).arguments
    return exported(request, PAGES[kind], arguments, request.GET.get("format", ""))


def exported(request: HttpRequest, scope: str, parameters: dict[str, Any], format: str) -> HttpResponse:  # noqa: A002
    try:
        export = downloads.start_export(request, scope=scope, parameters=parameters, format=format)
    except OutreachError as error:
        messages.error(request, error.reason)
        return redirect("imports:exports")
    return redirect("imports:exports") if export.job_id else downloads.export_response(export)
