"""Titles beside what is asked with them: counts of segments are answered by the index alone."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("leads", "0003_company_keys")]

    operations = [
        AddIndexConcurrently(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("erased_at", None)),
                fields=["title_key", "country", "company", "last_contacted_at"],
                name="lead_title_place_rest",
            ),
        ),
        RemoveIndexConcurrently(model_name="lead", name="lead_title_key"),
        AddIndexConcurrently(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("erased_at", None)),
                fields=["country", "language", "-activity_at"],
                name="lead_place_language",
            ),
        ),
        RemoveIndexConcurrently(model_name="lead", name="lead_country_language"),
    ]
