"""`jobs_put`: the one statement that puts a wake-up into the queue, for Python and for other rooms' statements alike."""

from django.db import migrations

PUT = """
CREATE FUNCTION jobs_put(
    to_lane text, to_task text, with_arguments jsonb, with_key text, with_priority int, delay_seconds double precision,
    task_timeout_seconds int
) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    WITH waiting AS MATERIALIZED (
        SELECT id FROM jobs_queueitem
        WHERE with_key <> '' AND key = with_key AND lane = to_lane AND locked_until IS NULL AND NOT is_dead
          AND run_at <= now() + make_interval(secs => delay_seconds)
        LIMIT 1 FOR KEY SHARE SKIP LOCKED
    ), inserted AS (
        INSERT INTO jobs_queueitem
            (lane, task, arguments, key, priority, run_at, timeout_seconds, attempts, is_dead, error, created_at)
        SELECT to_lane, to_task, with_arguments, with_key, with_priority,
            now() + make_interval(secs => delay_seconds), task_timeout_seconds, 0, false, '', now()
        WHERE NOT EXISTS (SELECT 1 FROM waiting)
        RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM inserted)
$$;
COMMENT ON FUNCTION jobs_put IS 'Puts a wake-up into a lane unless one with its key waits; true: a new one, its lane is to be notified after the commit';
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [migrations.RunSQL(PUT, "DROP FUNCTION jobs_put")]
