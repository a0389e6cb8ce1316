"""Campaigns whose working days leave out public holidays: their streams obey them at the gate too."""

from django.db import migrations

FOLLOW = """
UPDATE delivery_stream s SET skips_holidays = true
FROM campaigns_campaign c WHERE c.stream_id = s.id AND c.skips_holidays AND NOT s.skips_holidays
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_discovery_error"), ("delivery", "0004_lanes")]
    operations = [migrations.RunSQL(FOLLOW, migrations.RunSQL.noop)]
