"""The database's own fence before sending, and the exact count of what left for a person in the last 24 hours."""

from django.db import migrations

GATE = """
CREATE FUNCTION outreach_message_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'claimed' OR NEW.claim_token IS NULL OR NEW.claim_token IS DISTINCT FROM OLD.claim_token THEN
        RAISE EXCEPTION 'message %: only a claimed message passes the gate', NEW.id;
    END IF;
    IF NEW.approved_hash <> encode(sha256(convert_to(concat_ws(chr(31), coalesce(NEW.channel::text, ''), coalesce(NEW.sender_id::text, ''), coalesce(NEW.address::text, ''), coalesce(NEW.subject::text, ''), coalesce(NEW.body::text, ''), coalesce(NEW.body_html::text, ''), nullif(NEW.enclosures, ''), nullif(NEW.copies, '')), 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'message %: what it holds was not approved', NEW.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER outreach_message_gate BEFORE UPDATE OF state ON conversations_message
    FOR EACH ROW WHEN (NEW.state = 'sending' AND OLD.state IS DISTINCT FROM 'sending')
    EXECUTE FUNCTION outreach_message_gate();
"""
"""A row enters `sending` only from `claimed`, and only with the content that was approved."""

RECENTLY_SENT = """
CREATE FUNCTION recently_sent_messages(of_conversation bigint, besides bigint, at timestamptz, is_gate boolean)
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


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]
    operations = [
        migrations.RunSQL(
            GATE, "DROP TRIGGER outreach_message_gate ON conversations_message; DROP FUNCTION outreach_message_gate();"
        ),
        migrations.RunSQL(RECENTLY_SENT, "DROP FUNCTION recently_sent_messages(bigint, bigint, timestamptz, boolean)"),
    ]
