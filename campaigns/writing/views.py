"""The Texts page of a step: its text, its preview, who lacks what, a test to oneself, and what a change applies to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import CAMPAIGN, LANGUAGES, Campaign, Candidate
from campaigns.review import received
from campaigns.steps.models import Step
from campaigns.writing import previews, services, words
from campaigns.writing import readable as as_words
from campaigns.writing.forms import TextForm, has_model, variables
from outreach.access.pages import INVALID_FORM, Request, action, problems_in
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid, Refused
from outreach.jobs.models import Job
from outreach.prompts import liquid_text, rendering
from outreach.prompts.models import PackVersion
from outreach.prompts.pack import Pack


def _step(pk: int, number: int) -> Step:
    steps = Step.objects.select_related("campaign__stream", "pack_version", "sender")
    return get_object_or_404(steps, campaign=pk, number=number, pack_version__isnull=False)


def _language(request: HttpRequest, pack: Pack, step: Step) -> str:
    asked = request.POST.get("language") or request.GET.get("language", "")
    if asked in pack.languages:
        return asked
    offered = [code for code in pack.languages if code in step.campaign.offers()]
    return (offered or pack.languages)[0]


@require_safe
@role_required(Role.VIEWER)
def first(request: HttpRequest, pk: int) -> HttpResponse:
    """GET …/message/: the first step that has a text."""
    campaign = get_object_or_404(Campaign, pk=pk)
    step = campaign.steps.filter(pack_version__isnull=False).order_by("number").first()
    if step is None:
        messages.info(request, _("This campaign has no message yet."))
        return redirect("campaigns:detail", pk=pk)
    return redirect("writing:edit", pk=pk, number=step.number)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.VIEWER)
def edit(request: Request, pk: int, number: int) -> HttpResponse:
    """The page; POST saves."""
    step = _step(pk, number)
    pack = rendering.pack_of(step.pack)
    if request.method == "POST":
        if not request.user.has_perm("outreach.operate"):
            return HttpResponse(status=403)
        return _save(request, step, pack)
    shown = _template(request, pack)
    language = _language(request, pack, step)
    form = TextForm(pack=pack, text=words.text_of(shown, language))
    return _page(request, step, pack, form)


def _template(request: HttpRequest, pack: Pack) -> Pack:
    """The pack whose text fills the form: the step's own, or the template that `?from=` names, for the same variants."""
    chosen = request.GET.get("from", "")
    version = PackVersion.objects.filter(pk=int(chosen), channel=pack.channel).first() if chosen.isdecimal() else None
    if version is None:
        return pack
    other = rendering.pack_of(version)
    return other.model_copy(update={"variants": pack.variants, "variant_order": pack.variant_order})


def _save(request: Request, step: Step, pack: Pack) -> HttpResponse:
    language = _language(request, pack, step)
    form = TextForm(request.POST, pack=pack, text=words.text_of(pack, language))
    if form.is_valid():
        with problems_in(form):
            services.save(step=step, text=form.value(), user=request.user, name=form.cleaned_data["name"])
            messages.success(request, _("Message saved. New drafts will use it."))
            if services.effect(step).count:
                return redirect("writing:effect", pk=step.campaign_id, number=step.number)
            return redirect(f"{request.path}?language={language}")
    return _page(request, step, pack, form, status=INVALID_FORM)


def _page(request: HttpRequest, step: Step, pack: Pack, form: TextForm, *, status: int = 200) -> HttpResponse:
    candidates = list(previews.people(step)[: previews.MOST_OFFERED])
    language = form.text.language
    context: dict[str, Any] = {
        "campaign": step.campaign,
        "step": step,
        "steps": step.campaign.steps.filter(pack_version__isnull=False).order_by("number"),
        "pack": pack,
        "form": form,
        "language": language,
        "languages": [(code, LANGUAGES.get(code, code)) for code in pack.languages],
        "variables": variables(),
        "people": candidates,
        "templates": services.templates(pack.channel),
        "versions": services.versions(pack.name),
        "is_open": step.campaign.state not in CAMPAIGN.over,
        "has_model": has_model(),
    }
    return render(request, "campaigns/writing/edit.html", context, status=status)


def _draft_pack(request: HttpRequest, step: Step) -> tuple[Pack, str]:
    """The pack as the form in the request would save it. Raises `Invalid`."""
    pack = rendering.pack_of(step.pack)
    language = _language(request, pack, step)
    form = TextForm(request.POST, pack=pack, text=words.text_of(pack, language))
    form.is_valid()
    return words.changed(pack, form.value(), name=pack.name), language


def _candidate(request: HttpRequest, step: Step) -> Candidate | None:
    chosen = request.POST.get("candidate", "")
    rows = previews.people(step)
    found = rows.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
    return found or rows.first()


def _preview(request: HttpRequest, step: Step, pack: Pack, candidate: Candidate, language: str) -> previews.Preview:
    """What `candidate` would receive in the variant that the request names, else in the first."""
    wanted, names = request.POST.get("variant", ""), pack.variant_names()
    variant = wanted if wanted in names else names[0]
    return previews.preview(step=step, pack=pack, candidate=candidate, variant=variant, language=language)


@require_POST
@role_required(Role.VIEWER)
def preview(request: Request, pk: int, number: int) -> HttpResponse:
    """POST …/preview/: the text of the form as one person would receive it; nothing is saved."""
    step = _step(pk, number)
    context: dict[str, Any] = {"step": step}
    try:
        pack, language = _draft_pack(request, step)
        if candidate := _candidate(request, step):
            context["preview"] = _preview(request, step, pack, candidate, language)
    except (Invalid, liquid_text.TemplateError) as error:
        context["error"] = error.reason
    return render(request, "campaigns/writing/_preview.html", context)


@require_POST
@role_required(Role.VIEWER)
def readable(request: Request, pk: int, number: int, variant: str) -> HttpResponse:
    """POST …/readable/<variant>/: the text of the form with its conditions in words."""
    subject, body = (request.POST.get(f"{name}_{variant}", "").replace("\r\n", "\n") for name in ("subject", "body"))
    context = {
        "is_shown": as_words.has_conditions(f"{subject}{body}"),
        "subject": as_words.pieces_of(subject),
        "body": as_words.pieces_of(body),
    }
    return render(request, "campaigns/writing/_readable.html", context)


@require_POST
@role_required(Role.VIEWER)
def lacking(request: Request, pk: int, number: int) -> HttpResponse:
    """POST …/lacking/: who has no value for which variable of the text in the form."""
    step = _step(pk, number)
    try:
        pack, language = _draft_pack(request, step)
        rows, total = previews.lacking(step, pack, language)
    except (Invalid, liquid_text.TemplateError) as error:
        return render(request, "campaigns/writing/_lacking.html", {"error": error.reason})
    return render(request, "campaigns/writing/_lacking.html", {"rows": rows, "total": total, "step": step})


@require_POST
@role_required(Role.OPERATOR)
def test(request: Request, pk: int, number: int) -> HttpResponse:
    """POST …/test/: send the text of the form to the signed-in user's own address, marked as a test."""
    step = _step(pk, number)
    pack, language = _draft_pack(request, step)
    candidate = _candidate(request, step)
    if candidate is None:
        raise Refused(_("Choose the audience first: a test needs a person to be written to."))
    shown = _preview(request, step, pack, candidate, language)
    if shown.draft is None:
        raise Refused(_("No value for: %(names)s.") % {"names": ", ".join(shown.missing)})
    said = received.send_test(shown.draft, user=request.user)
    return render(request, "campaigns/writing/_test.html", {"said": said})


@require_safe
@role_required(Role.VIEWER)
def effect(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """GET …/apply/: what the step's text would change in drafts that are not sent, with the difference."""
    step = _step(pk, number)
    context = {"campaign": step.campaign, "step": step, "effect": services.effect(step)}
    return render(request, "campaigns/writing/effect.html", context)


@action(Role.OPERATOR, back="writing:edit", keep=("pk", "number"))
def apply(request: Request, pk: int, number: int) -> str | HttpResponse:
    """POST …/apply/now/: write them again."""
    result = services.apply(step=_step(pk, number), user=request.user)
    if isinstance(result, Job):
        messages.info(request, _("The drafts are being rewritten in the background."))
    else:
        messages.success(request, services.told(result))
    return redirect("drafts:review", campaign_id=pk)
