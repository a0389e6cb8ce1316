"""Prompt packs: list, edit beside the last version, try, test, label, export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outreach.access.pages import Request, action, problems_in
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.llm.routing import BUILTIN
from outreach.llm.services import close_trace, open_trace
from outreach.prompts import differences, rendering, selectors, services, testing
from outreach.prompts.descriptions import described
from outreach.prompts.forms import RunForm, SourceForm
from outreach.prompts.models import PackVersion
from outreach.prompts.pack import Case, Pack
from outreach.prompts.testing import Sample

PURPOSES = {
    "draft": gettext_lazy("First messages and follow-ups"),
    "reply": gettext_lazy("Answers to replies"),
    "classify": gettext_lazy("Reading replies"),
    "qualify": gettext_lazy("Qualifying leads"),
    "research": gettext_lazy("Research"),
    "judge": gettext_lazy("Judging drafts"),
}
MOST_CASES = 5


@require_safe
@role_required(Role.REVIEWER)
def pack_list(request: HttpRequest) -> HttpResponse:
    """All packs by purpose."""
    groups = [(PURPOSES.get(purpose, purpose), packs) for purpose, packs in selectors.listed()]
    return render(request, "prompts/list.html", {"groups": groups, "related": services.RELATED.entries()})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.REVIEWER)
def pack_detail(request: Request, name: str) -> HttpResponse:
    """One pack. `?version=` is the one to edit, `?against=` the one to compare with. POST saves a new version."""
    version = _version(name, request.GET.get("version", ""))
    form = SourceForm(request.POST or None, initial={"source": version.source})
    if request.method == "POST":
        if not request.user.has_perm("outreach.operate"):
            return HttpResponse(status=403)
        if form.is_valid():
            with problems_in(form, otherwise="source"):
                saved = services.save_source(author=request.user, **form.cleaned_data)
                messages.success(request, _told(saved))
                return redirect("prompts:detail", name=saved.name)
    typed = form["source"].value() or ""
    return render(request, "prompts/detail.html", _context(request, version, form, typed))


def _told(saved: PackVersion) -> str:
    if services.CANDIDATE in saved.label_names:
        return _("Saved as a candidate. Make it the production version when you are happy with it.")
    return _("Saved.")


def _context(request: HttpRequest, version: PackVersion, form: SourceForm, typed: str) -> dict[str, Any]:
    versions = selectors.versions_of(version.name)
    pins = services.pins(versions)
    pack = rendering.pack_of(version)
    base = _base(request, version, versions)
    return {
        "version": version,
        "pack": pack,
        "description": described(pack.description),
        "form": form,
        "run_form": RunForm(pack=pack),
        "versions": [(row, pins.get(row.pk, [])) for row in versions],
        "base": base,
        "checked": selectors.check_source(typed),
        "rows": differences.side_by_side(base.source, typed) if base else [],
        "results": testing.latest_results(version.sha),
        "test_count": len(pack.tests),
        "has_model": len(RunForm(pack=pack).fields["target"].choices) > 1,  # type: ignore[attr-defined]
    }


def _base(request: HttpRequest, version: PackVersion, versions: list[PackVersion]) -> PackVersion | None:
    """What is compared with: the version that was asked for, else the one before the one that is edited."""
    wanted = request.GET.get("against") or request.POST.get("against", "")
    if wanted:
        return _version(version.name, wanted)
    older = [row for row in versions if row.pk < version.pk]
    return older[0] if older else version


@require_POST
@role_required(Role.REVIEWER)
def check(request: HttpRequest, name: str) -> HttpResponse:
    """What is wrong with the text as it is typed, and how it differs; nothing is saved."""
    version = _version(name, request.POST.get("version", ""))
    source = request.POST.get("source", "").replace("\r\n", "\n")
    base = _base(request, version, selectors.versions_of(name))
    context = {
        "checked": selectors.check_source(source),
        "rows": differences.side_by_side(base.source, source) if base else [],
        "base": base,
    }
    return render(request, "prompts/_check.html", context)


@require_POST
@role_required(Role.REVIEWER)
def simulation(request: HttpRequest, name: str) -> HttpResponse:
    """What the typed pack makes of examples or of real people; nothing but the calls' record is stored."""
    pack, problem = _typed(request, name)
    if pack is None:
        return render(request, "prompts/_simulation.html", {"problem": problem})
    form = RunForm(request.POST, pack=pack)
    if not form.is_valid():
        return render(request, "prompts/_simulation.html", {"problem": _("Choose what to try it on.")})
    cases = _cases(pack, form.cleaned_data)
    trace = open_trace("pack simulation", session_key=f"pack:{pack.name}")
    answers = [
        (sample, testing.ask(pack, sample.case, trace=trace, route=form.cleaned_data["target"], step="simulate"))
        for sample in cases
    ]
    close_trace(trace)
    return render(request, "prompts/_simulation.html", {"answers": answers, "pack": pack})


def _cases(pack: Pack, wanted: dict[str, Any]) -> list[Sample]:
    if wanted["cases"] == RunForm.REAL:
        return testing.samples(pack, MOST_CASES)
    own = [case for case in pack.tests if case.language == wanted["language"]] or pack.tests
    known = own[0].inputs if own else {}
    names = [*pack.inputs.trusted, *pack.inputs.untrusted]
    inputs = {n: known[n] for n in names if n in known} or {n: n.replace("_", " ") for n in names}
    return [
        Sample(variant, Case(name=variant, language=wanted["language"], variant=variant, inputs=inputs))
        for variant in pack.variant_names()[:MOST_CASES]
    ]


@require_POST
@role_required(Role.REVIEWER)
def tests(request: HttpRequest, name: str) -> HttpResponse:
    """Run the typed pack's tests."""
    pack, problem = _typed(request, name)
    if pack is None:
        return render(request, "prompts/_tests.html", {"problem": problem})
    form = RunForm({**request.POST.dict(), "cases": RunForm.SAMPLES, "language": pack.languages[0]}, pack=pack)
    route = form.cleaned_data["target"] if form.is_valid() else BUILTIN
    results = testing.run_tests(pack, route=route)
    return render(request, "prompts/_tests.html", {"run": results, "summary": testing.summary(results)})


@action(Role.OPERATOR, back="prompts:detail", keep=("name",))
def label(request: Request, name: str, sha: str) -> str:
    """Make a version the production or the candidate version."""
    version = _version(name, sha)
    services.label_version(version, request.POST.get("label", ""), actor=Actor.of(request.user))
    return _("Version %(version)s is labelled.") % {"version": version.short_sha}


@require_safe
@role_required(Role.REVIEWER)
def export(request: HttpRequest, name: str, sha: str) -> HttpResponse:
    """The Markdown file of a version."""
    version = _version(name, sha)
    answer = HttpResponse(version.source, content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{version.name}.md"'
    return answer


def _version(name: str, reference: str) -> PackVersion:
    try:
        return services.version_of(name, reference)
    except Refused as error:
        raise Http404(error.reason) from error


def _typed(request: HttpRequest, name: str) -> tuple[Pack | None, str]:
    """The pack as it stands in the editor; without one the stored version."""
    source = request.POST.get("source", "").replace("\r\n", "\n")
    if not source:
        return rendering.pack_of(_version(name, request.POST.get("version", ""))), ""
    checked = selectors.check_source(source)
    if checked.pack is None:
        fault = checked.findings[0]
        return None, _("Line %(line)s: %(text)s") % {"line": fault.line, "text": fault.text}
    return checked.pack, ""
