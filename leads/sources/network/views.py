"""Pages of network accounts: list, form, one account with its code, its pace and its search; people who were met."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.sources.network import selectors, services
from leads.sources.network.forms import AccountForm, SearchForm
from leads.sources.network.models import PROFILE, NetworkAccount, NetworkProfile
from leads.sources.services import CrawlPlan, start_crawl
from outreach.access.pages import Request, action
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.audit import trail
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.paging import as_id
from outreach.jobs.services import enqueue


@require_safe
@role_required(Role.VIEWER)
def account_list(request: HttpRequest) -> HttpResponse:
    """GET /network/"""
    accounts = list(NetworkAccount.objects.all())
    now = clock.now()
    rows = [(account, selectors.usage(account, now)) for account in accounts]
    context = {"rows": rows, "counts": selectors.state_counts()}
    return render(request, "leads/sources/network/list.html", context)


@require_safe
@role_required(Role.VIEWER)
def account_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /network/accounts/<pk>/"""
    account = get_object_or_404(NetworkAccount, pk=pk)
    profiles, _next = selectors.profile_page(account=pk, limit=10)
    context = {
        "account": account,
        "usage": selectors.usage(account, clock.now()),
        "advice": selectors.explain_state(account),
        "search": SearchForm(),
        "profiles": profiles,
        "trail": trail(account)[:15],
        "is_limited": bool(account.limited_until and account.limited_until > clock.now()),
    }
    return render(request, "leads/sources/network/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def account_new(request: HttpRequest) -> HttpResponse:
    """GET, POST /network/accounts/new/"""
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = services.add_account(actor=Actor.of(request.user), **form.values())
        except Invalid as error:
            form.show_error(error.field, error.reason)
        else:
            messages.success(request, _("Account added. Sign in to start using it."))
            return redirect("network:detail", pk=account.pk)
    return _account_form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET, POST /network/accounts/<pk>/edit/"""
    account = get_object_or_404(NetworkAccount, pk=pk)
    form = AccountForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_account(account=account, actor=Actor.of(request.user), **form.values())
        except Invalid as error:
            form.show_error(error.field, error.reason)
        else:
            messages.success(request, _("Saved."))
            return redirect("network:detail", pk=pk)
    return _account_form(request, form, account)


def _account_form(request: HttpRequest, form: AccountForm, account: NetworkAccount | None) -> HttpResponse:
    list_url = reverse("network:list")
    context = {
        "form": form,
        "account": account,
        "title": account or _("Add a network account"),
        "list_name": _("Network accounts"),
        "list_url": list_url,
        "back_url": reverse("network:detail", args=[account.pk]) if account else list_url,
    }
    return render(request, "leads/sources/network/form.html", context, status=422 if form.errors else 200)


PRESSED = action(Role.OPERATOR, back="network:detail")


def _account(pk: int) -> NetworkAccount:
    return get_object_or_404(NetworkAccount, pk=pk)


@PRESSED
def sign_in(request: Request, pk: int) -> str:
    """POST …/sign-in/: have a worker open the site."""
    services.request_sign_in(account=_account(pk), actor=Actor.of(request.user))
    return _("A browser is signing in. The result will appear here shortly.")


@PRESSED
def code(request: Request, pk: int) -> str:
    """POST …/code/: the code that only a person has."""
    services.enter_code(account=_account(pk), code=request.POST.get("code", ""), actor=Actor.of(request.user))
    return _("The code was submitted. The result will appear here shortly.")


@PRESSED
def pause(request: Request, pk: int) -> str:
    """POST …/pause/"""
    account, reason = _account(pk), request.POST.get("reason", "") or _("Paused manually.")
    services.pause(account=account, actor=Actor.of(request.user), reason=reason)
    return _("%(account)s is paused.") % {"account": account}


@PRESSED
def activation(request: Request, pk: int) -> str:
    """POST …/activation/: go on, after a person looked."""
    account = _account(pk)
    services.resume(account=account, actor=Actor.of(request.user), reason=request.POST.get("reason", ""))
    return _("%(account)s is signing in again.") % {"account": account}


@PRESSED
def session_removal(request: Request, pk: int) -> str:
    """POST …/session-removal/: delete the stored cookies."""
    services.forget_session(account=_account(pk), actor=Actor.of(request.user))
    return _("Stored session deleted.")


@PRESSED
def search(request: Request, pk: int) -> str:
    """POST …/search/: order a crawl of people search with this account."""
    account, form = _account(pk), SearchForm(request.POST)
    if not form.is_valid():
        raise Invalid("keywords", _("Enter what to search for and at most twenty pages."))
    services.require_working(account)
    plan = CrawlPlan(
        adapter="network",
        keywords=[form.cleaned_data["keywords"]],
        pages=form.cleaned_data["pages"],
        options={"account": account.name, "profiles": form.cleaned_data["profiles"]},
    )
    start_crawl(plan, actor=Actor.of(request.user))
    return _("Search started. People will appear here and among the leads at the account's pace.")


@require_safe
@role_required(Role.VIEWER)
def profile_list(request: HttpRequest) -> HttpResponse:
    """GET /network/profiles/ `?state=&account=&after=<id>`"""
    state = request.GET.get("state", "")
    state = state if state in PROFILE.states else ""
    account = as_id(request.GET.get("account", ""))
    rows, next_after = selectors.profile_page(account=account, state=state, after=request.GET.get("after", ""))
    context = {
        "profiles": rows, "next_after": next_after, "state": state, "account": account,
        "counts": selectors.state_counts(), "accounts": NetworkAccount.objects.all(),
    }  # fmt: skip
    return render(request, "leads/sources/network/profiles.html", context)


@require_POST
@role_required(Role.OPERATOR)
def reading(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /network/profiles/<pk>/reading/: read a profile (again) when it is the account's turn."""
    profile = get_object_or_404(NetworkProfile.objects.select_related("account"), pk=pk)
    enqueue("leads.sources.network.tasks.read_profile", profile.pk, lane="web", key=f"network.read:{pk}", priority=3)
    messages.success(request, _("The profile will be read when the account gets to it."))
    return redirect("leads:detail", pk=profile.lead_id)
