from django.db import migrations, models

from outreach.core.secrets import ADDRESS_KEY, first_data_key


def keep_the_key_of_old_digests(apps, schema_editor):
    """Digests used to be made with a key derived from SECRET_KEY: the database keeps that one from now on."""
    apps.get_model("core", "DataKey").objects.create(name=ADDRESS_KEY, token=first_data_key(ADDRESS_KEY))


class Migration(migrations.Migration):
    dependencies = [("core", "0002_cache_table")]
    operations = [
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("token", models.TextField()),
            ],
        ),
        migrations.RunPython(keep_the_key_of_old_digests, migrations.RunPython.noop),
    ]
