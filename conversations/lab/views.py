"""Pages of the lab: runs with the form that starts one, and one run, beside the one it is compared with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from conversations.lab import services
from conversations.lab.forms import RunForm
from conversations.lab.models import Play, Run
from conversations.playbooks.services import default_playbook
from conversations.replies.models import DOUBTS, Intent
from outreach.access.pages import INVALID_FORM, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role

SHOWN_RUNS, SHOWN_PLAYS = 50, 400
PERSONAS = {
    services.ALL: _("All"),
    "friendly": _("Friendly"),
    "busy": _("Busy"),
    "angry": _("Angry"),
    "opts_out": _("Opts out in odd words"),
    "asks": _("Asks awkward questions"),
    "injector": _("Injects instructions"),
    "wrong_number": _("Wrong person"),
    "long_winded": _("Long-winded"),
    "calendar": _("Answers by calendar"),
}
READINGS = dict(Intent.choices) | {"accept": _("Takes the time we named"), "decline": _("Declines")}
RULES = {
    "opt_out": _("Answered after an opt-out"),
    "promise": _("Promised what is not in the playbook"),
    "link": _("Gave a link that is not ours"),
    "leak": _("Told another person's data"),
    "human": _("Claimed to be human"),
    "obeyed": _("Obeyed an injected instruction"),
}


@require_http_methods(["GET", "POST"])
@role_required(Role.VIEWER)
def run_list(request: HttpRequest) -> HttpResponse:
    default = default_playbook()
    form = RunForm(request.POST or None, initial={"playbook": request.GET.get("playbook") or default.pk})
    if request.method == "POST":
        return _start(request, form)
    return _list(request, form, HTTPStatus.OK)


@role_required(Role.OPERATOR)
def _start(request: HttpRequest, form: RunForm) -> HttpResponse:
    if not form.is_valid():
        return _list(request, form, HTTPStatus(INVALID_FORM))
    given = form.cleaned_data
    run = services.start(
        playbook=given["playbook"],
        other=given["other"],
        settings=services.Settings(given["seed"], given["rounds"], given["asks_models"]),
        created_by=viewer(request),
    )
    return redirect("lab:detail", pk=run.pk)


def _list(request: HttpRequest, form: RunForm, status: HTTPStatus) -> HttpResponse:
    runs = Run.objects.select_related("playbook_version__playbook", "created_by").prefetch_related("plays")
    rows = [(run, services.figures(run)[0]) for run in runs[:SHOWN_RUNS]]
    return render(request, "conversations/lab/list.html", {"form": form, "rows": rows}, status=status)


@require_GET
@role_required(Role.VIEWER)
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Run.objects.select_related("playbook_version__playbook", "against__playbook_version__playbook")
    run = get_object_or_404(rows.prefetch_related("plays", "against__plays"), pk=pk)
    rival = run.against
    runs = [run, *([rival] if rival else [])]
    figures = [services.figures(each) for each in runs]
    by_persona = [{row.persona: row for row in told} for told in figures]
    names = dict.fromkeys(name for told in by_persona for name in told)
    context = {
        "run": run,
        "runs": list(zip(runs, (told[0] for told in figures), strict=True)),
        "is_running": any(each.finished_at is None for each in runs),
        "table": [(PERSONAS.get(name, name), [told.get(name) for told in by_persona]) for name in names],
        "transcripts": _side_by_side(runs),
    }
    return render(request, "conversations/lab/detail.html", context)


def _side_by_side(runs: list[Run]) -> list[dict[str, Any]]:
    """The conversations of all runs with the same person, those with a broken rule first."""
    told = [{(play.persona, play.language, play.number): play for play in run.plays.all()} for run in runs]
    keys = dict.fromkeys(key for plays in told for key in plays)
    rows = [(key, [plays.get(key) for plays in told]) for key in keys]
    rows.sort(key=lambda row: not any(play and play.breaks for play in row[1]))
    return [
        {
            "persona": PERSONAS.get(persona, persona),
            "language": language,
            "number": number + 1,
            "plays": [(play, _breaks(play), _bubbles(play)) for play in plays],
        }
        for (persona, language, number), plays in rows[:SHOWN_PLAYS]
    ]


def _bubbles(play: Play | None) -> list[tuple[dict[str, Any], str]]:
    """What was written, each with how it was read or why a person would look at it, in words."""
    return [(entry, _in_words(entry)) for entry in play.entries] if play else []


def _in_words(entry: dict[str, Any]) -> str:
    codes = filter(None, str(entry.get("note", "")).split(", "))
    known = DOUBTS if entry["is_ours"] else DOUBTS | READINGS
    return " · ".join(str(known.get(code, code)) for code in codes)


def _breaks(play: Play | None) -> list[tuple[Any, str]]:
    return [(RULES.get(row["rule"], row["rule"]), row["detail"]) for row in play.breaks] if play else []
