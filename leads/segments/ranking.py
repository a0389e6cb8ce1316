"""How promising a lead is before qualification: a number that does not change with time. Pure.

The day of the last activity counts a point a day; what is known about a lead counts as days of recency. A blend that
decays would have to be computed for every lead at every look; this one is stored, indexed and compared as it stands.
"""

DAYS = {
    "title": 10,
    "company": 10,
    "replied": 60,
}
"""What is known, in days of recency: a lead that has ever replied stands beside one that was active two months later."""

RANK = (
    "((coalesce(l.activity_at, l.created_at) AT TIME ZONE 'UTC')::date - DATE '1970-01-01'"
    f" + CASE WHEN l.title_key <> '' THEN {DAYS['title']} ELSE 0 END"
    f" + CASE WHEN l.company_id IS NOT NULL THEN {DAYS['company']} ELSE 0 END"
    f" + CASE WHEN l.last_replied_at IS NOT NULL THEN {DAYS['replied']} ELSE 0 END)"
)
"""SQL over `l` (leads_lead), an integer. The index `lead_rank` holds this very expression: a change needs a migration."""
ORDER = f"{RANK} DESC, l.id DESC"
