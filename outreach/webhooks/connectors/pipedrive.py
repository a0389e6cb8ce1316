"""Pipedrive, by its API v2: persons found by e-mail address, events as done activities that are found again by our id."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from outreach.core.errors import Invalid
from outreach.webhooks.connectors import crm
from outreach.webhooks.connectors.base import Connector, Exchange, Field, Order

TYPES = {"conversation.booked": "meeting", "message.sent": "email", "reply.received": "email"}
"""Pipedrive's own types of activities; everything else is a task."""
LOOKED_AT = 100
"""Of a person's newest activities, to see whether this event is among them."""


def _company(text: str) -> None:
    if not text.replace("-", "").isalnum():
        raise Invalid("company", str(_("Only the part before .pipedrive.com.")))


class Pipedrive(Connector):
    """Needs the company's name in Pipedrive's address and an API token."""

    name = "pipedrive"
    label = _("Pipedrive")
    help = _("People become persons, what happens becomes done activities on them.")
    has_url = False
    default_kinds = crm.FOLLOWED
    at_once = 1
    base_url = "https://{company}.pipedrive.com"
    fields = (
        Field("company", _("Company in the address"), _("“acme” if you open acme.pipedrive.com."), check=_company),
        Field("token", _("API token"), _("Pipedrive: Personal preferences → API."), is_secret=True),
        Field("mapping", _("More fields"), _("The key of a custom field = our field, one a line."), is_long=True,
              is_required=False, check=crm.mapping_of),
    )  # fmt: skip

    def test(self, order: Order, exchange: Exchange) -> None:
        self._call(order, exchange, "GET", "/api/v1/users/me")

    def deliver(self, order: Order, exchange: Exchange) -> None:
        lead = order.data.get("lead") or {}
        if not lead.get("email"):
            return  # nobody that Pipedrive could know
        person = self._person(order, exchange, lead)
        activity = crm.activity_of(order.id, order.body)
        if activity is None or self._is_there(order, exchange, person, activity):
            return
        given = {
            "subject": activity.title,
            "type": TYPES.get(activity.kind, "task"),
            "done": True,
            "due_date": activity.at[:10],
            "due_time": activity.at[11:16],
            "note": activity.html,
            "participants": [{"person_id": person, "primary": True}],
        }
        self._call(order, exchange, "POST", "/api/v2/activities", given)

    def _person(self, order: Order, exchange: Exchange, lead: dict[str, Any]) -> int:
        """The person with the lead's address, made or brought up to date."""
        custom = crm.values_of(lead, crm.mapping_of(order.settings.get("mapping", "")))
        query = urlencode({"term": lead["email"], "fields": "email", "exact_match": "true", "limit": 1})
        found = self._call(order, exchange, "GET", f"/api/v2/persons/search?{query}")
        items = found["data"]["items"]
        given: dict[str, Any] = {"name": lead["name"]} | ({"custom_fields": custom} if custom else {})
        if items:
            number = int(items[0]["item"]["id"])
            self._call(order, exchange, "PATCH", f"/api/v2/persons/{number}", given)
            return number
        given["emails"] = [{"value": lead["email"], "primary": True, "label": "work"}]
        if lead.get("phone"):
            given["phones"] = [{"value": lead["phone"], "primary": True, "label": "work"}]
        return int(self._call(order, exchange, "POST", "/api/v2/persons", given)["data"]["id"])

    def _is_there(self, order: Order, exchange: Exchange, person: int, activity: crm.Activity) -> bool:
        query = urlencode({"person_id": person, "sort_by": "id", "sort_direction": "desc", "limit": LOOKED_AT})
        found = self._call(order, exchange, "GET", f"/api/v2/activities?{query}")
        return any((row.get("note") or "").endswith(activity.marker) for row in found["data"] or ())

    def _call(self, order: Order, exchange: Exchange, method: str, path: str, body: Any = None) -> Any:
        url = self.base_url.format(company=order.settings["company"]) + path
        return exchange.call(method, url, headers={"x-api-token": order.settings["token"]}, body=body)[1]
