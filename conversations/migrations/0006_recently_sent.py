"""What left for a person in the last 24 hours, exact also for two gates at the same instant."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION delivery_recently_sent(of_conversation bigint, besides bigint, at timestamptz, is_gate boolean)
RETURNS SETOF timestamptz LANGUAGE plpgsql VOLATILE COST 1000 ROWS 3 AS $$
BEGIN
    -- One gate at a time for a person. The count below has a snapshot of its own, taken after the lock, and so sees
    -- what the gate before committed; the lock is held until this gate's row is committed.
    IF is_gate THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('gate:' || of_conversation, 5));
    END IF;
    RETURN QUERY
        SELECT o.sending_at FROM conversations_message o
        WHERE o.conversation_id = of_conversation AND o.direction = 'out' AND o.id <> besides
          AND o.sending_at > at - interval '24 hours' AND (o.sent_at IS NOT NULL OR o.state IN ('sending', 'unknown'));
END $$;
"""
BACKWARD = "DROP FUNCTION delivery_recently_sent(bigint, bigint, timestamptz, boolean)"


class Migration(migrations.Migration):
    dependencies = [("conversations", "0005_timing")]
    operations = [migrations.RunSQL(FUNCTION, BACKWARD)]
