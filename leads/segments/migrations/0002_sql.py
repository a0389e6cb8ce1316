"""Indexes and statistics of leads that criteria read by, and how the feed of changed leads is vacuumed."""

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
}

FOLDED = {
    "leads_company": ("industry", "city", "segment", "status", "name"),
    "leads_lead": ("city", "status", "region"),
}
STATISTICS = {
    f"{table}_{column}_folded": f'(lower({column} COLLATE "default")) FROM {table}'
    for table, columns in FOLDED.items()
    for column in columns
}


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial"), ("segments", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE leads_leadchange SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)",
            "ALTER TABLE leads_leadchange RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)",
        ),
        *(
            migrations.RunSQL(f"CREATE INDEX {name} {definition}", f"DROP INDEX {name}")
            for name, definition in INDEXES.items()
        ),
        *(
            migrations.RunSQL(f"CREATE STATISTICS {name} ON {definition}", f"DROP STATISTICS {name}")
            for name, definition in STATISTICS.items()
        ),
    ]
