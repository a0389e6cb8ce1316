"""The vectors of leads as pgvector's, with an index of neighbours, where the server has the extension."""

from typing import Any

from django.db import migrations

from leads.insights.vector_extension import CONSEQUENCE, enable


def use_vectors(apps: Any, schema_editor: Any) -> None:
    if obstacle := enable(schema_editor.connection):
        print(f"{CONSEQUENCE} {obstacle}")


class Migration(migrations.Migration):
    dependencies = [("insights", "0001_initial")]
    operations = [migrations.RunPython(use_vectors, migrations.RunPython.noop)]
