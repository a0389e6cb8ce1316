"""`events_publish`: an event, a copy for each subscriber and the wake-up of their delivery, in one statement."""

from django.db import migrations

PUBLISH = """
CREATE FUNCTION events_publish(of_kind text, with_payload jsonb, happened_at timestamptz, subscribers text[])
RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    WITH told AS MATERIALIZED (
        SELECT unnest(subscribers) AS name
        UNION SELECT subscriber FROM events_follower WHERE of_kind LIKE pattern
    ), event AS (
        INSERT INTO events_event (kind, payload, at) VALUES (of_kind, with_payload, happened_at) RETURNING id
    ), copies AS (
        INSERT INTO events_delivery (event_id, subscriber, attempts, next_attempt_at, error)
        SELECT event.id, told.name, 0, now(), '' FROM event, told
    )
    SELECT jsonb_build_object('id', event.id, 'wakes', CASE WHEN EXISTS (SELECT FROM told) THEN
        jobs_put('default', 'outreach.events.tasks.deliver', '[]', 'events.deliver', 3, 0, 120) ELSE false END)
    FROM event
$$;
COMMENT ON FUNCTION events_publish IS 'Returns {id, wakes}; wakes: the default lane is to be notified after the commit';
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial"), ("jobs", "0002_sql")]
    operations = [migrations.RunSQL(PUBLISH, "DROP FUNCTION events_publish")]
