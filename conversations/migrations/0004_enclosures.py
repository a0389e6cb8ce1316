"""Messages name their files, and the database's fence counts them where there are any."""

from django.db import migrations, models

FUNCTION = """
CREATE OR REPLACE FUNCTION outreach_message_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'claimed' OR NEW.claim_token IS NULL OR NEW.claim_token IS DISTINCT FROM OLD.claim_token THEN
        RAISE EXCEPTION 'message %%: only a claimed message passes the gate', NEW.id;
    END IF;
    IF NEW.approved_hash <> encode(sha256(convert_to(concat_ws(chr(31),
        coalesce(NEW.channel, ''), coalesce(NEW.sender_id::text, ''), coalesce(NEW.address, ''),
        coalesce(NEW.subject, ''), coalesce(NEW.body, ''), coalesce(NEW.body_html, '')%s), 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'message %%: what it holds was not approved', NEW.id;
    END IF;
    RETURN NEW;
END $$;
"""
WITH_FILES = FUNCTION % ", nullif(NEW.enclosures, '')"
WITHOUT_FILES = FUNCTION % ""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0003_sender_health"), ("delivery", "0002_tracking")]
    operations = [
        migrations.AddField(
            model_name="message",
            name="enclosures",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="Files by content hash: conversations.files.enclosures"
            ),
        ),
        migrations.RunSQL(WITH_FILES, WITHOUT_FILES),
    ]
