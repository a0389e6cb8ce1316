"""The console's log of changes named rows by their texts: names of people, which erasure never reached."""

from django.db import migrations

BY_NUMBER = """
UPDATE django_admin_log
SET object_repr = '#' || coalesce(object_id, ''),
    change_message = CASE WHEN strpos(change_message, '"object"') > 0 THEN '' ELSE change_message END
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_data_key"), ("admin", "0003_logentry_add_action_flag_choices")]
    operations = [migrations.RunSQL(BY_NUMBER, migrations.RunSQL.noop)]
