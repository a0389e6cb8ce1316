from django.db import migrations

_MARK = """
UPDATE replies_listing l SET marks = l.marks || p.seen
FROM (
    SELECT v.conversation_id, array_agg('seen:' || v.user_id) AS seen
    FROM replies_presence v JOIN conversations_conversation c ON c.id = v.conversation_id
    WHERE v.seen_at >= c.last_inbound_at GROUP BY v.conversation_id
) p
WHERE p.conversation_id = l.conversation_id
"""
_UNMARK = """
UPDATE replies_listing SET marks = ARRAY(SELECT mark FROM unnest(marks) mark WHERE mark NOT LIKE 'seen:%')
"""


class Migration(migrations.Migration):
    """Who has seen what is a mark beside the others: "unread only" read every presence before."""

    dependencies = [("replies", "0001_initial")]

    operations = [migrations.RunSQL(_MARK, _UNMARK)]
