"""The labelling page of a brief: one person at a time, answered by a key."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from leads.models import Lead
from leads.names import country_name
from leads.qualification import expectations, services
from leads.qualification.labelling import checks, drawing, labels, queue, states
from leads.qualification.learner.calibration import LEAST_LABELS, LEAST_OF_EACH
from leads.qualification.models import Brief, Label
from leads.qualification.profile import Profile, profile_of
from outreach.access.pages import viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid, Refused
from outreach.core.paging import as_id

SKIPPED_KEPT = 300
ANSWERS = {"yes": True, "no": False}
WHY = {
    "first": gettext_lazy("The most typical of all who could be labelled: a good start."),
    "check": gettext_lazy("The learner is sure about this person. Your answer checks it."),
    "new": gettext_lazy("The learner knows hardly anyone like this person."),
    "border": gettext_lazy("This person is at the border between yes and no."),
}


@require_GET
@role_required(Role.REVIEWER)
def label_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The next person to label."""
    brief = get_object_or_404(Brief, pk=pk)
    return render(request, "leads/qualification/label.html", _context(request, brief))


@require_POST
@role_required(Role.REVIEWER)
def label_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes, no, skip or undo; then the next person."""
    brief = get_object_or_404(Brief, pk=pk)
    problem = ""
    shown: Lead | None = None
    try:
        shown = _answered(request, brief)
    except Refused as error:
        problem = error.reason
    if not getattr(request, "htmx", False) and not problem:
        return redirect("briefs:label", pk=pk)
    context = _context(request, brief, shown) | {"problem": problem}
    template = (
        "leads/qualification/_label.html" if getattr(request, "htmx", False) else "leads/qualification/label.html"
    )
    return render(request, template, context)


@require_GET
@role_required(Role.REVIEWER)
def label_learner(request: HttpRequest, pk: int) -> HttpResponse:
    """What the learner knows now; loaded beside the person."""
    brief = get_object_or_404(Brief, pk=pk)
    state = states.state_of(brief)
    outlook = queue.outlook(brief, state)
    return render(
        request,
        "leads/qualification/_learner.html",
        {
            "brief": brief,
            "state": state,
            "point": states.points_of(state)[-1] if state.points else None,
            "curve": drawing.curve(states.points_of(state)),
            "bars": drawing.bars(outlook.bins) if outlook else [],
            "outlook": outlook,
            "measured": checks.measured(brief),
            "missing": max(0, LEAST_LABELS - state.label_count),
            "least_of_each": LEAST_OF_EACH,
            "contradicted": labels.contradicted(brief.pk),
            "without_vector": states.material(brief).without_vector,
        },
    )


def _answered(request: HttpRequest, brief: Brief) -> Lead | None:
    """Do what the button says; after an undo the person whose answer was taken back."""
    answer = request.POST.get("answer", "")
    if answer == "undo":
        return services.take_back(brief=brief, user=viewer(request))
    lead = get_object_or_404(Lead, pk=as_id(request.POST.get("lead", "")))
    if answer == "skip":
        skipped = [*_skipped(request, brief), lead.pk]
        request.session[_key(brief)] = skipped[-SKIPPED_KEPT:]
        return None
    if answer not in ANSWERS:
        raise Invalid("answer", _("Choose yes, no, skip or undo."))
    services.decide(
        lead=lead,
        brief=brief,
        is_qualified=ANSWERS[answer],
        user=viewer(request),
        reason=request.POST.get("reason", ""),
        source=Label.Source.LABELLING,
    )
    return None


def _context(request: HttpRequest, brief: Brief, shown: Lead | None = None) -> dict[str, Any]:
    choice = queue.next_choice(brief, _skipped(request, brief)) if shown is None else None
    lead = shown or (choice.lead if choice else None)
    given = labels.in_force(brief.pk)
    context: dict[str, Any] = {
        "brief": brief,
        "lead": lead,
        "choice": choice,
        "why": WHY[choice.reason] if choice else _("You took your answer back."),
        "percent": round(100 * choice.probability) if choice and choice.reason != "first" else None,
        "count": len(given),
        "yes": sum(one.is_positive for one in given),
        "skipped": len(_skipped(request, brief)),
        "can_undo": labels.last_of(brief=brief, user=viewer(request)) is not None,
        "goal": LEAST_LABELS,
    }
    if lead is not None:
        assessment = services.assess(lead=lead, wanted=expectations.parse(brief.factors))
        context |= {"facts": _facts(profile_of(lead)), "reasons": assessment.reasons(), "assessment": assessment}
    return context


def _facts(profile: Profile) -> list[tuple[str, str]]:
    """What is known beyond name and title, as (label, text)."""
    named = {
        "company.industry": _("Industry"),
        "company.employee_count": _("Employees"),
        "city": _("City"),
        "country": _("Country"),
        "seniority": _("Seniority"),
        "skills": _("Skills"),
        "years_of_experience": _("Years of experience"),
        "compensation": _("Pay"),
        "tags": _("Tags"),
        "research": _("Research"),
        "company.research": _("About the company"),
    }
    known = profile.as_data()
    if "country" in known:
        known["country"] = country_name(str(known["country"]))
    rows = [(label, known[fact]) for fact, label in named.items() if fact in known]
    rows += [(fact.removeprefix("attributes.").replace("_", " ").capitalize(), value) for fact, value in known.items() if fact.startswith("attributes.")][:8]  # fmt: skip
    return [(label, _written(value)) for label, value in rows]


def _written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _key(brief: Brief) -> str:
    return f"skipped-{brief.pk}"


def _skipped(request: HttpRequest, brief: Brief) -> list[int]:
    return request.session.get(_key(brief), [])  # type: ignore[no-any-return]
