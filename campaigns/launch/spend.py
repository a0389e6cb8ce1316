"""What models cost for a campaign, beside its cap, and the button that sets the cap."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from django.shortcuts import get_object_or_404

from campaigns.drafts import costs
from campaigns.models import Campaign
from outreach.access.pages import Request, action
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.llm import spending
from outreach.llm.setup.services import cap_campaign


def costs_of(campaign: Campaign) -> dict[str, Any]:
    """Spent, capped and forecast, as page and API show it."""
    own, default = spending.own_cap(campaign.pk), spending.default_campaign_cap().usd
    return {
        "spent_usd": spending.spent_on(campaign.pk),
        "cap_usd": own,
        "default_cap_usd": default,
        "cap_in_force": own or default,
        "forecast": costs.of_campaign(campaign),
    }


def as_line(campaign: Campaign) -> dict[str, Any]:
    """The same as one flat row."""
    found = costs_of(campaign)
    forecast = found.pop("forecast")
    return found | ({f"forecast_{name}": value for name, value in asdict(forecast).items()} if forecast else {})


@action(Role.OPERATOR, back="campaigns:detail")
def set_cap(request: Request, pk: int) -> str:
    """POST /campaigns/<pk>/spend-cap/: `usd`, empty for the cap that all campaigns have."""
    campaign = get_object_or_404(Campaign, pk=pk)
    text = request.POST.get("usd", "").strip().replace(",", ".").removeprefix("$")
    try:
        usd = Decimal(text).quantize(spending.CENT) if text else None
    except InvalidOperation as error:
        raise Invalid("usd", _("Enter an amount in US dollars, such as 5 or 2.50.")) from error
    cap_campaign(campaign, usd=usd, actor=Actor.of(request.user))
    return _("The spend cap was saved.") if usd else _("The campaign no longer has its own spend cap.")
