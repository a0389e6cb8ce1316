"""The database's own fence: a row enters `sending` only from `claimed`, approved exactly as it stands."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION outreach_message_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'claimed' OR NEW.claim_token IS NULL OR NEW.claim_token IS DISTINCT FROM OLD.claim_token THEN
        RAISE EXCEPTION 'message %: only a claimed message passes the gate', NEW.id;
    END IF;
    IF NEW.approved_hash <> encode(sha256(convert_to(concat_ws(chr(31),
        coalesce(NEW.channel, ''), coalesce(NEW.sender_id::text, ''), coalesce(NEW.address, ''),
        coalesce(NEW.subject, ''), coalesce(NEW.body, ''), coalesce(NEW.body_html, '')), 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'message %: what it holds was not approved', NEW.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER outreach_message_gate BEFORE UPDATE OF state ON conversations_message
    FOR EACH ROW WHEN (NEW.state = 'sending' AND OLD.state IS DISTINCT FROM 'sending')
    EXECUTE FUNCTION outreach_message_gate();
"""
BACKWARD = """
DROP TRIGGER outreach_message_gate ON conversations_message;
DROP FUNCTION outreach_message_gate();
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
