"""The extension `vector` of Postgres."""

from django.db import migrations

from leads.insights.vector_extension import create


class Migration(migrations.Migration):
    initial = True

    dependencies = []
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
