import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("leads", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("kind", models.TextField(choices=[("lead", "People"), ("company", "Companies")])),
                ("kept_id", models.BigIntegerField(db_index=True)),
                ("lost_id", models.BigIntegerField(db_index=True)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("moved", models.JSONField(default=dict)),
                ("effects", models.JSONField(default=dict)),
                ("actor", models.TextField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["company", "lead"])), name="duplicates_merge_kind_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Duplicate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("kind", models.TextField(choices=[("lead", "People"), ("company", "Companies")])),
                (
                    "reason",
                    models.TextField(
                        choices=[
                            ("same_name_and_company", "Same name, same company"),
                            ("similar_name_and_company", "Similar name, same company"),
                            ("same_name_and_domain", "Same name, same e-mail domain"),
                            ("tagged_address", "The same mailbox with a tag"),
                            ("address_conflict", "Same name, and a list gives both the same address"),
                            ("same_domain", "Same web domain"),
                            ("same_name", "Same name apart from the legal form"),
                            ("same_tax_id", "Same tax id, other country or prefix"),
                        ]
                    ),
                ),
                ("score", models.FloatField(help_text="0 to 1, how sure the rule is")),
                (
                    "state",
                    models.TextField(
                        choices=[("open", "Undecided"), ("merged", "Merged"), ("apart", "Kept apart")], default="open"
                    ),
                ),
                ("decided_by", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "high_company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.company",
                    ),
                ),
                (
                    "high_lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
                (
                    "low_company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.company",
                    ),
                ),
                (
                    "low_lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
                (
                    "merge",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="pairs",
                        to="duplicates.merge",
                    ),
                ),
            ],
            options={
                "ordering": ["-score", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["kind", "-score", "id"], name="duplicate_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["company", "lead"])), name="duplicates_duplicate_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "address_conflict",
                                    "same_domain",
                                    "same_name",
                                    "same_name_and_company",
                                    "same_name_and_domain",
                                    "same_tax_id",
                                    "similar_name_and_company",
                                    "tagged_address",
                                ],
                            )
                        ),
                        name="duplicates_duplicate_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["apart", "merged", "open"])),
                        name="duplicates_duplicate_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "lead")),
                        fields=("low_lead", "high_lead"),
                        name="duplicate_leads_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "company")),
                        fields=("low_company", "high_company"),
                        name="duplicate_companies_once",
                    ),
                ],
            },
        ),
    ]
