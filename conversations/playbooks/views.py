"""Pages of playbooks: list, one with its versions, editor, file in and out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from conversations.booking.models import BookingPage
from conversations.playbooks import services, wording
from conversations.playbooks.definition import Definition
from conversations.playbooks.forms import PlaybookForm, initial_of
from conversations.playbooks.models import Playbook, PlaybookVersion
from outreach.access.pages import INVALID_FORM, Request, action, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid

SHOWN_VERSIONS = 50
PROVIDERS = {"cal.com": "calcom", "calendly.com": "calendly"}


@require_GET
@role_required(Role.VIEWER)
def playbook_list(request: HttpRequest) -> HttpResponse:
    services.default_playbook()
    is_archive = request.GET.get("show") == "archived"
    rows = Playbook.objects.filter(archived_at__isnull=not is_archive).prefetch_related("versions")
    playbooks = [(row, max(row.versions.all(), key=lambda version: version.number)) for row in rows[:200]]
    context = {
        "playbooks": [(row, version, version.definition) for row, version in playbooks],
        "modes": wording.MODES,
        "is_archive": is_archive,
    }
    return render(request, "conversations/playbooks/list.html", context)


@require_GET
@role_required(Role.VIEWER)
def playbook_detail(request: HttpRequest, pk: int) -> HttpResponse:
    playbook = get_object_or_404(Playbook, pk=pk)
    rows = playbook.versions.select_related("created_by").order_by("-number")
    versions: list[PlaybookVersion] = list(rows[: SHOWN_VERSIONS + 1])
    number = request.GET.get("version", "")
    shown = next((version for version in versions if str(version.number) == number), versions[0])
    definition = shown.definition
    context = {
        "playbook": playbook,
        "shown": shown,
        "current": versions[0],
        "settings": list(wording.settings(definition)),
        "words": [(wording.LANGUAGE_NAMES[code], definition.in_language(code)) for code in definition.languages],
        "always": wording.ALWAYS.values(),
        "history": _history(versions),
        "unconnected": _unconnected(definition),
    }
    return render(request, "conversations/playbooks/detail.html", context)


def _history(versions: list[PlaybookVersion]) -> list[dict[str, Any]]:
    """Versions, newest first, each with what it changed."""
    pairs = zip(versions, [*versions[1:], None], strict=True)
    return [
        {
            "version": version,
            "difference": wording.difference(before.definition, version.definition) if before else None,
        }
        for version, before in pairs
    ][:SHOWN_VERSIONS]


def _unconnected(definition: Definition) -> str:
    """The booking provider of the link whose calls we are not told of; empty when connected or unknown."""
    name = next((name for host, name in PROVIDERS.items() if host in definition.booking_url), "")
    if not name or BookingPage.objects.filter(provider=name).exists():
        return ""
    return str(BookingPage.Provider(name).label)


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def playbook_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    playbook = get_object_or_404(Playbook, pk=pk) if pk else None
    version = playbook.current if playbook else services.default_playbook().current
    initial = initial_of(playbook.name if playbook else "", version.definition)
    form = PlaybookForm(request.POST if request.method == "POST" else None, initial=initial)
    context: dict[str, Any] = {"playbook": playbook, "form": form, "based_on": version.number}
    context["always"] = wording.ALWAYS.values()
    if request.method == "POST" and (definition := form.definition()) is not None:
        based_on = request.POST.get("based_on", "")
        try:
            saved = services.save_playbook(
                name=form.cleaned_data["name"],
                definition=definition,
                created_by=viewer(request),
                playbook=playbook,
                based_on=int(based_on) if playbook and based_on.isdecimal() else None,
            )
        except services.ChangedMeanwhile as error:
            theirs = error.current
            context |= {
                "conflict": error,
                "based_on": theirs.number,
                "difference": wording.difference(theirs.definition, definition),
            }
            return render(request, "conversations/playbooks/edit.html", context, status=HTTPStatus.CONFLICT)
        except Invalid as error:
            form.add_error("name", error.reason)
        else:
            messages.success(request, _("Saved as version %(number)s.") % {"number": saved.number})
            return redirect("playbooks:detail", pk=saved.playbook_id)
    status = INVALID_FORM if form.is_bound else HTTPStatus.OK
    return render(request, "conversations/playbooks/edit.html", context, status=status)


@action(Role.OPERATOR, back="playbooks:detail")
def playbook_default(request: Request, pk: int) -> str:
    row = services.make_default(playbook=get_object_or_404(Playbook, pk=pk), user=request.user)
    return _("“%(name)s” is the team's default now.") % {"name": row.name}


@action(Role.OPERATOR, back="playbooks:detail")
def playbook_archive(request: Request, pk: int) -> str:
    """Archive it, or restore it with `do=restore`."""
    is_archived = request.POST.get("do") != "restore"
    playbook = get_object_or_404(Playbook, pk=pk)
    row = services.set_archived(playbook=playbook, is_archived=is_archived, user=request.user)
    text = _("“%(name)s” was archived.") if is_archived else _("“%(name)s” was restored.")
    return text % {"name": row.name}


@require_GET
@role_required(Role.VIEWER)
def playbook_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest version as a file."""
    version = get_object_or_404(Playbook, pk=pk).current
    response = HttpResponse(services.write_file(version), content_type="application/yaml; charset=utf-8")
    name = slugify(version.playbook.name) or f"playbook-{pk}"
    response["Content-Disposition"] = f'attachment; filename="{name}-v{version.number}.yaml"'
    return response


@action(Role.OPERATOR, back="playbooks:list")
def playbook_import(request: Request) -> HttpResponse:
    """A file becomes a playbook, or the next version of the one with its name."""
    given = request.FILES.get("file")
    if given is None or (given.size or 0) > services.MAX_FILE:
        raise Invalid("file", _("Choose a playbook file."), code="missing")
    name, definition = services.read_file(given.read().decode("utf-8", "replace"))
    saved = services.save_playbook(
        name=name,
        definition=definition,
        created_by=request.user,
        playbook=Playbook.objects.filter(name=name).first(),
    )
    messages.success(request, _("Saved as version %(number)s.") % {"number": saved.number})
    return redirect("playbooks:detail", pk=saved.playbook_id)
