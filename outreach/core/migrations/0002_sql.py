"""The table of the shared cache (throttling, cluster statistics), the clock of all machines, the audit trail's guard."""

from django.core.management import call_command
from django.db import migrations


NOW = """
CREATE FUNCTION outreach_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('outreach.now', true), '')::timestamptz, statement_timestamp())
$$;
"""
"""The time of the statement, or the one that a session was taken to (the demo world's past, tests that travel)."""


APPEND_ONLY = """
CREATE FUNCTION outreach_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('outreach.restoring', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'UPDATE' THEN
        RAISE check_violation USING MESSAGE = 'The audit trail is append-only.';
    END IF;
    IF (NEW.id, NEW.at, NEW.action, NEW.subject_type, NEW.subject_id, NEW.actor_kind, NEW.actor_name, NEW.data)
           IS DISTINCT FROM
       (OLD.id, OLD.at, OLD.action, OLD.subject_type, OLD.subject_id, OLD.actor_kind, OLD.actor_name, OLD.data)
       OR (NEW.reason <> OLD.reason AND NEW.reason <> '')
       OR (NEW.user_id IS DISTINCT FROM OLD.user_id AND NEW.user_id IS NOT NULL)
       OR (OLD.position IS NOT NULL AND (
           (NEW.position, NEW.seal, NEW.reason_digest) IS DISTINCT FROM (OLD.position, OLD.seal, OLD.reason_digest)
           OR (NEW.salt <> OLD.salt AND NEW.salt <> '')))
    THEN
        RAISE check_violation USING MESSAGE = 'The audit trail is append-only.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION outreach_audit_append_only();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON core_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION outreach_audit_append_only();
"""
"""Only this changes in an audit entry: it is sealed once, its reason is blanked by erasure, its user is deleted."""


def create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunPython(create, migrations.RunPython.noop),
        migrations.RunSQL(NOW, "DROP FUNCTION outreach_now()"),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER audit_append_only ON core_auditentry; DROP TRIGGER audit_not_emptied ON core_auditentry;"
            " DROP FUNCTION outreach_audit_append_only();",
        ),
    ]
