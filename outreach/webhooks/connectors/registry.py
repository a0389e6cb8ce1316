"""All connectors by name. A new one is a module and a line here."""

from outreach.webhooks.connectors.base import Connector
from outreach.webhooks.connectors.hubspot import HubSpot
from outreach.webhooks.connectors.pipedrive import Pipedrive
from outreach.webhooks.connectors.slack import Slack
from outreach.webhooks.connectors.webhook import Webhook

CONNECTORS: dict[str, Connector] = {
    connector.name: connector for connector in (Webhook(), Slack(), HubSpot(), Pipedrive())
}
