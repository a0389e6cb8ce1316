"""Kept by the database: the feed of changed leads, the dictionary of titles, indexes and statistics that criteria read by."""

from django.db import migrations

TITLE_LOCK = 0x7469746C
"""Shared by whoever adds titles, exclusive for whoever forgets some; "titl" in ASCII."""

COLUMNS = (
    "kind", "company_id", "full_name", "title_key", "description", "country", "region", "city", "postal_code", "time_zone",
    "language", "status", "tags", "attributes", "source", "session_key", "batch_id", "created_at", "activity_at",
    "last_contacted_at", "last_replied_at", "erased_at",
)  # fmt: skip
"""Columns of a lead that criteria ask about or that rank it."""
COMPANY_COLUMNS = (
    "name", "domain", "country", "city", "industry", "segment", "is_sme", "employee_count", "status", "research_text",
    "tags", "attributes", "source",
)  # fmt: skip


def differs(columns: tuple[str, ...]) -> str:
    return f"({', '.join('n.' + c for c in columns)}) IS DISTINCT FROM ({', '.join('o.' + c for c in columns)})"


FUNCTIONS = f"""
CREATE FUNCTION leads_feed_lead_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({TITLE_LOCK});
    INSERT INTO segments_leadchange (lead_id) SELECT id FROM new_rows;
    INSERT INTO segments_title (title_key)
        SELECT DISTINCT n.title_key FROM new_rows n
        WHERE n.title_key <> '' AND NOT EXISTS (SELECT 1 FROM segments_title t WHERE t.title_key = n.title_key);
    RETURN NULL;
END $$;

CREATE FUNCTION leads_feed_lead_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO segments_leadchange (lead_id)
        SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE {differs(COLUMNS)};
    IF EXISTS (SELECT 1 FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.title_key <> o.title_key) THEN
        PERFORM pg_advisory_xact_lock_shared({TITLE_LOCK});
        INSERT INTO segments_title (title_key)
            SELECT DISTINCT n.title_key FROM new_rows n
            WHERE n.title_key <> '' AND NOT EXISTS (SELECT 1 FROM segments_title t WHERE t.title_key = n.title_key);
        INSERT INTO segments_lefttitle (title_key)
            SELECT DISTINCT o.title_key FROM new_rows n JOIN old_rows o ON o.id = n.id
            WHERE n.title_key <> o.title_key AND o.title_key <> '';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION leads_feed_lead_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO segments_leadchange (lead_id) SELECT id FROM old_rows;
    INSERT INTO segments_lefttitle (title_key) SELECT DISTINCT title_key FROM old_rows WHERE title_key <> '';
    RETURN NULL;
END $$;

CREATE FUNCTION leads_feed_identity_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO segments_leadchange (lead_id) SELECT DISTINCT lead_id FROM new_rows;
    RETURN NULL;
END $$;

CREATE FUNCTION leads_feed_identity_old() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO segments_leadchange (lead_id) SELECT DISTINCT lead_id FROM old_rows;
    RETURN NULL;
END $$;

CREATE FUNCTION leads_feed_identity_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO segments_leadchange (lead_id)
        SELECT DISTINCT v.lead_id FROM new_rows n JOIN old_rows o ON o.id = n.id
        CROSS JOIN LATERAL (VALUES (n.lead_id), (o.lead_id)) v (lead_id)
        WHERE (n.lead_id, n.channel, n.address, n.status) IS DISTINCT FROM (o.lead_id, o.channel, o.address, o.status);
    RETURN NULL;
END $$;

CREATE FUNCTION leads_feed_company_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO segments_leadchange (lead_id)
        SELECT l.id FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN leads_lead l ON l.company_id = n.id
        WHERE {differs(COMPANY_COLUMNS)};
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER feed_inserted AFTER INSERT ON leads_lead REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_feed_lead_inserted();
CREATE TRIGGER feed_updated AFTER UPDATE ON leads_lead REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_feed_lead_updated();
CREATE TRIGGER feed_deleted AFTER DELETE ON leads_lead REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_feed_lead_deleted();
CREATE TRIGGER feed_inserted AFTER INSERT ON leads_identity REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_feed_identity_new();
CREATE TRIGGER feed_updated AFTER UPDATE ON leads_identity REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_feed_identity_updated();
CREATE TRIGGER feed_deleted AFTER DELETE ON leads_identity REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_feed_identity_old();
CREATE TRIGGER feed_updated AFTER UPDATE ON leads_company REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_feed_company_updated();
"""

BACKWARD = """
DROP TRIGGER feed_inserted ON leads_lead;
DROP TRIGGER feed_updated ON leads_lead;
DROP TRIGGER feed_deleted ON leads_lead;
DROP TRIGGER feed_inserted ON leads_identity;
DROP TRIGGER feed_updated ON leads_identity;
DROP TRIGGER feed_deleted ON leads_identity;
DROP TRIGGER feed_updated ON leads_company;
DROP FUNCTION leads_feed_lead_inserted, leads_feed_lead_updated, leads_feed_lead_deleted, leads_feed_identity_new,
    leads_feed_identity_old, leads_feed_identity_updated, leads_feed_company_updated;
"""

RANK = (
    "((coalesce(activity_at, created_at) AT TIME ZONE 'UTC')::date - DATE '1970-01-01'"
    " + CASE WHEN title_key <> '' THEN 10 ELSE 0 END"
    " + CASE WHEN company_id IS NOT NULL THEN 10 ELSE 0 END"
    " + CASE WHEN last_replied_at IS NOT NULL THEN 60 ELSE 0 END)"
)
INDEXES = {
    "lead_rank": f"ON leads_lead ({RANK} DESC, id DESC) WHERE erased_at IS NULL",
    "lead_created": "ON leads_lead USING brin (created_at) WITH (pages_per_range = 16, autosummarize = on)",
    "lead_activity": "ON leads_lead (activity_at) WHERE activity_at IS NOT NULL",
    "lead_last_replied": "ON leads_lead (last_replied_at) WHERE last_replied_at IS NOT NULL",
}

FOLDED = {
    "leads_company": ("industry", "city", "segment", "status", "name"),
    "leads_lead": ("city", "status", "region"),
}
STATISTICS = {
    f"{table}_{column}_folded": f'(lower({column} COLLATE "default")) FROM {table}'
    for table, columns in FOLDED.items()
    for column in columns
}


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial"), ("segments", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTIONS + TRIGGERS, BACKWARD),
        *(
            migrations.RunSQL(f"CREATE INDEX {name} {definition}", f"DROP INDEX {name}")
            for name, definition in INDEXES.items()
        ),
        *(
            migrations.RunSQL(f"CREATE STATISTICS {name} ON {definition}", f"DROP STATISTICS {name}")
            for name, definition in STATISTICS.items()
        ),
    ]
