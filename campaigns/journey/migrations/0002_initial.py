import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("journey", "0001_initial"),
        ("steps", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="step",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="turns", to="steps.step"),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(condition=models.Q(("state", "waiting")), fields=["due_at", "id"], name="turn_due"),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(condition=models.Q(("state", "open")), fields=["due_at", "id"], name="turn_open"),
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.UniqueConstraint(fields=("candidate", "step"), name="turn_once"),
        ),
    ]
