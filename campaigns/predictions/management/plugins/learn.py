"""`manage.py learn predictions` and `learn predict`: learn tonight's knowledge, and ask it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.predictions import panels, selectors, services, training
from leads.learning.management.commands.learn import Command as Learn
from leads.models import Lead
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors


@Learn.command()
def predictions(self, as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """Learn from everyone written to so far, as each night does, and tell how well it predicts."""
    with explained_errors(as_json=as_json):
        night = training.learn()
        knowledge = services.in_force()
        rows = [
            {
                "predicts": target,
                "people": found.figures["people"],
                "successes": found.figures["successes"],
                "auc": round(found.figures["auc"], 4),
                "brier": round(found.figures["brier"], 4),
                "calibration_error": round(found.figures["calibration_error"], 4),
                "calibrated": found.is_calibrated,
                "seconds": night.seconds,
            }
            for target, found in (knowledge.estimators if knowledge else {}).items()
        ]
        if not rows:
            raise Invalid("history", _too_little(night.people_count), code="too_little")
        emit(rows, as_json=as_json)


def _too_little(people: int) -> str:
    lacking = selectors.lacking()
    return _("%(people)s people were written to long enough ago; predictions start at %(fewest)s.") % {
        "people": people,
        "fewest": lacking.fewest if lacking else 0,
    }


@Learn.command()
def predict(  # type: ignore[no-untyped-def]
    self,
    lead: Annotated[int, typer.Option(help="Id of a lead: chances in each campaign, and silence")] = 0,
    campaign: Annotated[int, typer.Option(help="Id of a campaign: its forecast and best time")] = 0,
    as_json: AsJson = False,
) -> None:
    """What is to be expected of a lead or of a campaign. Nothing is printed where too little is known."""
    with explained_errors(as_json=as_json):
        if bool(lead) == bool(campaign):
            raise Invalid("lead", _("Give either --lead or --campaign."), code="one_of")
        emit(list(_of_lead(lead) if lead else _of_campaign(campaign)), as_json=as_json)


def _of_lead(pk: int) -> Iterator[dict[str, Any]]:
    row = Lead.objects.alive().filter(pk=pk).first()
    if row is None:
        raise Invalid("lead", _("There is no such lead."), code="lead_unknown")
    found = panels.outcomes_of(row)
    yield from found["campaigns"]
    if found["silence"]:
        yield found["silence"]


def _of_campaign(pk: int) -> Iterator[dict[str, Any]]:
    row = Campaign.objects.select_related("segment_version").filter(pk=pk).first()
    if row is None:
        raise Invalid("campaign", _("There is no such campaign."), code="campaign_unknown")
    yield from ({"target": one.target, **one.as_json()} for one in selectors.expected(row))
    time = selectors.best_time(row)
    if time is not None:
        yield time.as_json()
