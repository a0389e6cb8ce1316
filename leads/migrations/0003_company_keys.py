"""Names of companies are compared without more legal forms than before: their keys follow."""

from django.db import migrations

CHUNK = 5_000


def renew_keys(apps, schema_editor):
    from leads.cleaning.cells import company_key

    company = apps.get_model("leads", "Company")
    after = 0
    while rows := list(company.objects.filter(pk__gt=after).order_by("pk").only("pk", "name", "name_key")[:CHUNK]):
        after = rows[-1].pk
        changed = []
        for row in rows:
            key = company_key(row.name)
            if key != row.name_key:
                row.name_key = key
                changed.append(row)
        company.objects.bulk_update(changed, ["name_key"], batch_size=1_000)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("leads", "0002_merged_and_as_of")]
    operations = [migrations.RunPython(renew_keys, migrations.RunPython.noop, elidable=True)]
