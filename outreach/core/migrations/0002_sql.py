"""The table of the shared cache (throttling, cluster statistics), and the clock that all machines share."""

from django.core.management import call_command
from django.db import migrations


NOW = """
CREATE FUNCTION outreach_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('outreach.now', true), '')::timestamptz, statement_timestamp())
$$;
"""
"""The time of the statement, or the one that a session was taken to (the demo world's past, tests that travel)."""


def create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunPython(create, migrations.RunPython.noop),
        migrations.RunSQL(NOW, "DROP FUNCTION outreach_now()"),
    ]
