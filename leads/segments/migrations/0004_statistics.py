"""What the planner knows of columns that criteria compare in lower case: without it every such condition counts as rare."""

from django.db import migrations

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
    dependencies = [("segments", "0003_indexes_of_leads")]
    operations = [
        migrations.RunSQL(
            f"CREATE STATISTICS IF NOT EXISTS {name} ON {definition}", f"DROP STATISTICS IF EXISTS {name}"
        )
        for name, definition in STATISTICS.items()
    ]
