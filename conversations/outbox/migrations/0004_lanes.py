"""Overdue is judged by lane: carry over when each lane was last looked after, so that an upgrade holds nothing back."""

from django.db import migrations

FORWARD = """
INSERT INTO limits_allowance (key, usage, updated_at)
SELECT DISTINCT ON (x.channel) 'lane:' || x.channel,
       jsonb_build_object('watched_at', a.usage->'watched_at', 'watched_since', a.usage->'watched_since'), now()
FROM limits_allowance a JOIN senders_sender x ON a.key = 'sender:' || x.id
WHERE a.usage ? 'watched_at' AND a.usage ? 'watched_since'
ORDER BY x.channel, (a.usage->>'watched_at')::timestamptz DESC
ON CONFLICT (key) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0003_holidays"), ("limits", "0001_initial"), ("senders", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
