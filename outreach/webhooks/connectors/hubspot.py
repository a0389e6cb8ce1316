"""HubSpot, by its CRM API of 2026-03: contacts upserted by e-mail address, events as notes with a unique id of ours."""

from __future__ import annotations

import html
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _

from outreach.core.errors import Permanent
from outreach.webhooks.connectors import crm
from outreach.webhooks.connectors.base import Answered, Connector, Exchange, Field, Order

VERSION = "2026-03"
UNIQUE = "outreach_event_id"
"""The property of notes that makes a repeated event the same note. It is made when it is missing."""
DEFAULT_MAPPING = "firstname = first_name\nlastname = last_name\njobtitle = title\ncompany = company\nphone = phone\ncity = city\ncountry = country"  # fmt: skip


class HubSpot(Connector):
    """Needs the token of a private app with the scopes to read and write contacts, and to write their schemas."""

    name = "hubspot"
    label = _("HubSpot")
    help = _("People become contacts, what happens becomes notes on them.")
    has_url = False
    default_kinds = crm.FOLLOWED
    at_once = 1
    base_url = "https://api.hubapi.com"
    fields = (
        Field("token", _("Access token of a private app"), _("HubSpot: Settings → Integrations → Private apps."), is_secret=True),
        Field("mapping", _("Fields"), _("HubSpot's property = our field, one a line."), is_long=True,
              default=DEFAULT_MAPPING, check=crm.mapping_of),
    )  # fmt: skip

    def test(self, order: Order, exchange: Exchange) -> None:
        self._call(order, exchange, "GET", f"/crm/objects/{VERSION}/contacts?limit=1")

    def deliver(self, order: Order, exchange: Exchange) -> None:
        lead = order.data.get("lead") or {}
        if not lead.get("email"):
            return  # nobody that HubSpot could know
        values = crm.values_of(lead, crm.mapping_of(order.settings["mapping"]))
        contact = self._upsert(order, exchange, "contacts", lead["email"], "email", values)
        activity = crm.activity_of(order.id, order.body)
        if activity is None:
            return
        properties = {
            "hs_timestamp": activity.at,
            "hs_note_body": f"<b>{html.escape(activity.title)}</b><br>{activity.html}",
        }
        try:
            note = self._upsert(order, exchange, "notes", order.id, UNIQUE, properties)
        except Answered as answer:
            if answer.page.status != HTTPStatus.BAD_REQUEST or UNIQUE not in answer.page.text:
                raise
            self._make_property(order, exchange)
            note = self._upsert(order, exchange, "notes", order.id, UNIQUE, properties)
        path = f"/crm/objects/{VERSION}/notes/{note}/associations/default/contacts/{contact}"
        self._call(order, exchange, "PUT", path)

    def _upsert(
        self, order: Order, exchange: Exchange, kind: str, key: str, key_property: str, values: dict[str, Any]
    ) -> str:
        """Make or change the one record whose `key_property` is `key`; its id."""
        given = {"id": key, "idProperty": key_property, "properties": {**values, key_property: key}}
        found = self._call(order, exchange, "POST", f"/crm/objects/{VERSION}/{kind}/batch/upsert", {"inputs": [given]})
        results = (found or {}).get("results") or []
        if not results:
            errors = (found or {}).get("errors") or [{}]
            raise Permanent(f"HubSpot did not accept it: {errors[0].get('message', 'no reason given')}"[:500])
        return str(results[0]["id"])

    def _make_property(self, order: Order, exchange: Exchange) -> None:
        path = f"/crm/properties/{VERSION}/notes"
        group = {"name": "outreach", "label": "Outreach"}
        self._call(order, exchange, "POST", f"{path}/groups", group)
        given = {"name": UNIQUE, "label": "Outreach event", "groupName": "outreach", "type": "string", "fieldType": "text", "hasUniqueValue": True}  # fmt: skip
        self._call(order, exchange, "POST", path, given)

    def _call(self, order: Order, exchange: Exchange, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {order.settings['token']}"}
        accepts = (HTTPStatus.CONFLICT,) if "/properties/" in path else ()
        return exchange.call(method, self.base_url + path, headers=headers, body=body, accepts=accepts)[1]
