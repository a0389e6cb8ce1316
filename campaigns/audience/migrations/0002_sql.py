"""Who may be written to or no longer may stands in the feed of changed leads, like any other change."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audience_feed_suppression() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.lead_id, NEW.channel, NEW.address, NEW.domain, NEW.lifted_at)
        IS NOT DISTINCT FROM (OLD.lead_id, OLD.channel, OLD.address, OLD.domain, OLD.lifted_at) THEN
        RETURN NULL;
    END IF;
    IF NEW.lead_id IS NOT NULL THEN
        INSERT INTO segments_leadchange (lead_id) VALUES (NEW.lead_id);
    END IF;
    IF NEW.address <> '' THEN
        INSERT INTO segments_leadchange (lead_id)
            SELECT DISTINCT lead_id FROM leads_identity
            WHERE channel IN ('email', 'sms', 'network') AND address = NEW.address;
    END IF;
    IF NEW.domain <> '' THEN
        INSERT INTO segments_leadchange (lead_id)
            SELECT DISTINCT lead_id FROM leads_identity
            WHERE channel = 'email' AND (address LIKE '%@' || NEW.domain OR address LIKE '%.' || NEW.domain);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER feed_suppression AFTER INSERT OR UPDATE ON consent_suppression
    FOR EACH ROW EXECUTE FUNCTION audience_feed_suppression();
ALTER TABLE segments_leadchange SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""
BACKWARD = """
ALTER TABLE segments_leadchange RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
DROP TRIGGER feed_suppression ON consent_suppression;
DROP FUNCTION audience_feed_suppression();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audience", "0001_initial"),
        ("consent", "0001_initial"),
        ("segments", "0002_sql"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
