"""This wing's subscriptions: event kind → dotted functions, each idempotent and given the event."""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "lead.changed": [
        "leads.duplicates.subscribers.on_lead_changed",
        "leads.insights.subscribers.lead_changed",
        "leads.sources.network.subscribers.lead_noticed",
    ],
    "lead.created": [
        "leads.duplicates.subscribers.on_lead_changed",
        "leads.insights.subscribers.lead_changed",
        "leads.sources.network.subscribers.lead_noticed",
    ],
    "lead.merged": ["leads.sources.network.subscribers.lead_merged", "leads.sources.subscribers.leads_merged"],
    "lead.qualified": [
        "leads.sources.network.subscribers.verdict_given",
        "leads.learning.agents.subscribers.on_lead_qualified",
    ],
    "lead.unmerged": ["leads.sources.network.subscribers.lead_unmerged", "leads.sources.subscribers.leads_unmerged"],
    "leads.imported": [
        "leads.duplicates.subscribers.on_leads_imported",
        "leads.insights.subscribers.leads_imported",
    ],
}
