"""Reads over network accounts and the people met there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from leads.sources.network import pacing
from leads.sources.network.models import ACCOUNT, PROFILE, NetworkAccount, NetworkProfile
from outreach.core.paging import PAGE_SIZE, newest
from outreach.core.words import gettext as _

COUNT_CAP = 1_000
_LABELS = {
    "view:24 hours": gettext_lazy("profiles in 24 hours"),
    "search:24 hours": gettext_lazy("pages of results in 24 hours"),
    "invite:24 hours": gettext_lazy("invitations in 24 hours"),
    "invite:7 days": gettext_lazy("invitations in 7 days"),
}


@dataclass(frozen=True)
class Used:
    """How much of one cap is used."""

    label: Any
    used: int
    cap: int


def usage(account: NetworkAccount, now: datetime) -> list[Used]:
    """The caps of an account and what is used of them."""
    return [Used(_LABELS.get(name, name), used, cap) for name, used, cap in pacing.used(account, now)]


def profile_page(
    *, account: int | None = None, state: str = "", after: str = "", limit: int = PAGE_SIZE
) -> tuple[list[NetworkProfile], int | None]:
    """People who were met, newest first, and where to go on."""
    rows = NetworkProfile.objects.select_related("lead__company", "account").filter(lead__erased_at=None)
    if account:
        rows = rows.filter(account_id=account)
    if state:
        rows = rows.filter(state=state)
    return newest(rows, after, size=limit)


def state_counts() -> list[tuple[str, Any, int]]:
    """(state, label, how many, counted up to a thousand) by index, in the order of the way."""
    return [
        (name, state.label, NetworkProfile.objects.filter(state=name).values("pk")[:COUNT_CAP].count())
        for name, state in PROFILE.states.items()
    ]


def waiting_accounts() -> list[NetworkAccount]:
    """Accounts that need a person."""
    return list(NetworkAccount.objects.filter(state__in=ACCOUNT.asking))


def explain_state(account: NetworkAccount) -> str:
    """What a person should do about an account, in one sentence."""
    if account.needs_code:
        return _("Enter the code that the network has sent or displays.")
    if account.is_stopped and account.state_code == "challenge":
        return _(
            "The network asks for proof of a person. Sign in there yourself with an ordinary browser, answer "
            "its questions, wait a day, then choose “Resume”."
        )
    if account.is_stopped:
        return _("Check the login, then choose “Resume”.")
    return ""
