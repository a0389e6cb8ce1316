"""Notes whose numbers may have changed, whoever changes them: a number that some writer forgot would be wrong for ever."""

from django.db import migrations

from conversations.states import MESSAGE as MACHINE

PROVEN = ", ".join(f"'{state}'" for state in sorted(MACHINE.proven))

CANDIDATE = """
CREATE FUNCTION rollups_of_candidate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_change (candidate_id) VALUES (coalesce(NEW.id, OLD.id));
    RETURN NULL;
END $$;
CREATE FUNCTION rollups_of_new_candidates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_change (candidate_id) SELECT id FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER rollups_candidate_added AFTER INSERT ON campaigns_candidate
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION rollups_of_new_candidates();
CREATE TRIGGER rollups_candidate_changed AFTER UPDATE OF stage, campaign_id, lead_id ON campaigns_candidate FOR EACH ROW
    WHEN (OLD.stage <> NEW.stage OR OLD.campaign_id <> NEW.campaign_id OR OLD.lead_id <> NEW.lead_id)
    EXECUTE FUNCTION rollups_of_candidate();
CREATE TRIGGER rollups_candidate_removed AFTER DELETE ON campaigns_candidate
    FOR EACH ROW EXECUTE FUNCTION rollups_of_candidate();
"""
OUTCOME = """
CREATE FUNCTION rollups_of_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_change (candidate_id) VALUES (coalesce(NEW.candidate_id, OLD.candidate_id));
    IF TG_OP = 'UPDATE' AND OLD.candidate_id <> NEW.candidate_id THEN
        INSERT INTO rollups_change (candidate_id) VALUES (OLD.candidate_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rollups_outcome AFTER INSERT OR UPDATE OR DELETE ON campaigns_outcome
    FOR EACH ROW EXECUTE FUNCTION rollups_of_outcome();
"""
DRAFT = """
CREATE FUNCTION rollups_of_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_change (candidate_id) VALUES (coalesce(NEW.candidate_id, OLD.candidate_id));
    IF TG_OP = 'UPDATE' AND OLD.candidate_id <> NEW.candidate_id THEN
        INSERT INTO rollups_change (candidate_id) VALUES (OLD.candidate_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rollups_draft_added AFTER INSERT ON drafts_draft
    FOR EACH ROW WHEN (NEW.message_id IS NOT NULL) EXECUTE FUNCTION rollups_of_draft();
CREATE TRIGGER rollups_draft_changed
    AFTER UPDATE OF message_id, candidate_id, step_id, variant, language, interaction_id, approved_by_id ON drafts_draft
    FOR EACH ROW WHEN (
        (NEW.message_id IS NOT NULL OR OLD.message_id IS NOT NULL)
        AND (NEW.message_id, NEW.candidate_id, NEW.step_id, NEW.variant, NEW.language, NEW.interaction_id, NEW.approved_by_id)
        IS DISTINCT FROM
        (OLD.message_id, OLD.candidate_id, OLD.step_id, OLD.variant, OLD.language, OLD.interaction_id, OLD.approved_by_id)
    ) EXECUTE FUNCTION rollups_of_draft();
CREATE TRIGGER rollups_draft_removed AFTER DELETE ON drafts_draft
    FOR EACH ROW WHEN (OLD.message_id IS NOT NULL) EXECUTE FUNCTION rollups_of_draft();
"""
MESSAGE = f"""
CREATE FUNCTION rollups_of_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_change (candidate_id) SELECT candidate_id FROM drafts_draft WHERE message_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER rollups_message AFTER UPDATE OF state, sent_at, sender_id, channel, direction ON conversations_message
    FOR EACH ROW WHEN (
        (NEW.sent_at IS NOT NULL OR OLD.sent_at IS NOT NULL) AND (
            NEW.sent_at IS DISTINCT FROM OLD.sent_at OR NEW.sender_id IS DISTINCT FROM OLD.sender_id
            OR NEW.channel <> OLD.channel OR NEW.direction <> OLD.direction
            OR (NEW.state IN ({PROVEN})) <> (OLD.state IN ({PROVEN}))
        )
    ) EXECUTE FUNCTION rollups_of_message();
"""
REST = """
CREATE FUNCTION rollups_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_change (candidate_id) SELECT id FROM campaigns_candidate WHERE lead_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER rollups_lead AFTER UPDATE OF country, company_id ON leads_lead FOR EACH ROW
    WHEN (OLD.country IS DISTINCT FROM NEW.country OR OLD.company_id IS DISTINCT FROM NEW.company_id)
    EXECUTE FUNCTION rollups_of_lead();
CREATE FUNCTION rollups_of_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_change (candidate_id)
        SELECT c.id FROM campaigns_candidate c JOIN leads_lead l ON l.id = c.lead_id WHERE l.company_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER rollups_company AFTER UPDATE OF industry ON leads_company FOR EACH ROW
    WHEN (OLD.industry IS DISTINCT FROM NEW.industry) EXECUTE FUNCTION rollups_of_company();
CREATE FUNCTION rollups_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_change (candidate_id)
        SELECT DISTINCT candidate_id FROM drafts_draft WHERE step_id = NEW.id AND message_id IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER rollups_step AFTER UPDATE OF number, pack_version_id ON steps_step FOR EACH ROW
    WHEN (OLD.number <> NEW.number OR OLD.pack_version_id IS DISTINCT FROM NEW.pack_version_id)
    EXECUTE FUNCTION rollups_of_step();
CREATE FUNCTION rollups_of_sender() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_change (candidate_id)
        SELECT DISTINCT d.candidate_id FROM drafts_draft d JOIN conversations_message m ON m.id = d.message_id
        WHERE m.sender_id = NEW.id AND m.sent_at IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER rollups_sender AFTER UPDATE OF adapter ON senders_sender FOR EACH ROW
    WHEN (OLD.adapter <> NEW.adapter) EXECUTE FUNCTION rollups_of_sender();
"""
DROP = """
DROP FUNCTION IF EXISTS rollups_of_candidate, rollups_of_new_candidates, rollups_of_outcome, rollups_of_draft,
    rollups_of_message, rollups_of_lead, rollups_of_company, rollups_of_step, rollups_of_sender CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rollups", "0001_initial"),
        ("campaigns", "0001_initial"),
        ("conversations", "0001_initial"),
        ("drafts", "0001_initial"),
        ("leads", "0001_initial"),
        ("senders", "0001_initial"),
        ("steps", "0001_initial"),
    ]
    operations = [migrations.RunSQL(CANDIDATE + OUTCOME + DRAFT + MESSAGE + REST, DROP)]
