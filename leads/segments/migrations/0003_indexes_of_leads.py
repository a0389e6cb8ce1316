"""Indexes by which leads are ranked and by which it is found whose window of days has just passed.

They stand here and not with the lead's columns because only the criteria language reads by them.
"""

from django.db import migrations

RANK = (
    "((coalesce(activity_at, created_at) AT TIME ZONE 'UTC')::date - DATE '1970-01-01'"
    " + CASE WHEN title_key <> '' THEN 10 ELSE 0 END"
    " + CASE WHEN company_id IS NOT NULL THEN 10 ELSE 0 END"
    " + CASE WHEN last_replied_at IS NOT NULL THEN 60 ELSE 0 END)"
)
INDEXES = {
    "lead_rank": f"ON leads_lead ({RANK} DESC, id DESC) WHERE erased_at IS NULL",
    "lead_created": "ON leads_lead USING brin (created_at) WITH (pages_per_range = 16, autosummarize = on)",
    "lead_activity": "ON leads_lead (activity_at) WHERE activity_at IS NOT NULL",
    "lead_last_replied": "ON leads_lead (last_replied_at) WHERE last_replied_at IS NOT NULL",
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("segments", "0002_changes_and_titles")]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} {definition}", f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
        )
        for name, definition in INDEXES.items()
    ]
