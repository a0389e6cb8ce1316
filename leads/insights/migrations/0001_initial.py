import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("leads", "0001_initial"),
        ("llm", "0001_initial"),
        ("qualification", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmbeddingDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lead_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="LeadEmbedding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("embedder", models.TextField(db_collation="C", help_text="Id of the embedder with its version")),
                (
                    "vector",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(),
                        help_text="A halfvec where the server has pgvector, see vector_extension",
                        size=None,
                    ),
                ),
                ("content_hash", models.TextField(db_collation="C", help_text="Hash of the text behind the vector")),
                ("at", models.DateTimeField(auto_now=True)),
                (
                    "lead",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="embedding", to="leads.lead"
                    ),
                ),
            ],
            options={
                "verbose_name": "vector of a lead",
                "verbose_name_plural": "vectors of leads",
            },
        ),
        migrations.CreateModel(
            name="ResearchAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.TextField(db_collation="C", help_text="Hash of researcher and question", unique=True)),
                ("researcher", models.TextField()),
                ("findings", models.JSONField(default=list)),
                ("fetched_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ResearchSpending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("researcher", models.TextField()),
                ("day", models.DateField()),
                ("calls", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("researcher", "day"), name="research_spending_once")],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.TextField()),
                ("kind", models.TextField(blank=True, choices=[("image", "Picture"), ("pdf", "PDF")])),
                ("content_hash", models.TextField(blank=True, db_collation="C")),
                ("text", models.TextField(blank=True)),
                ("quality", models.FloatField(help_text="0 to 1; empty: not measured", null=True)),
                ("details", models.JSONField(default=dict)),
                ("problem", models.TextField(blank=True, help_text="Why nothing, or not everything, was read")),
                ("read_at", models.DateTimeField()),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="documents", to="leads.lead"
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "verbose_name_plural": "documents",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["", "image", "pdf"])), name="insights_document_kind_known"
                    ),
                    models.UniqueConstraint(fields=("lead", "url"), name="document_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("researcher", models.TextField(help_text="website, exa, parallel, anysite, records, document")),
                ("url", models.TextField(blank=True)),
                ("title", models.TextField(blank=True)),
                ("quote", models.TextField()),
                ("published", models.TextField(blank=True)),
                ("fetched_at", models.DateTimeField()),
                ("key", models.TextField(db_collation="C", help_text="Hash of address and quote")),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.company",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("company", None), _negated=True),
                        fields=("company", "key"),
                        name="fact_of_company",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("lead", None), _negated=True), fields=("lead", "key"), name="fact_of_lead"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("company", None), ("lead__isnull", False)),
                            models.Q(("company__isnull", False), ("lead", None)),
                            _connector="OR",
                        ),
                        name="fact_about_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Insight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("summary", models.JSONField(default=list)),
                ("fit", models.JSONField(default=list, help_text="Arguments for and against, by the brief")),
                (
                    "fit_score",
                    models.PositiveSmallIntegerField(
                        help_text="0 to 100; empty: no brief, or too little is known", null=True
                    ),
                ),
                ("pains", models.JSONField(default=list)),
                ("triggers", models.JSONField(default=list)),
                ("angles", models.JSONField(default=list)),
                (
                    "provider",
                    models.TextField(help_text="Who wrote it; `builtin`: the built-in rules, which only quote"),
                ),
                (
                    "remarks",
                    models.JSONField(
                        default=list, help_text="What could not be asked and why; points that were dropped"
                    ),
                ),
                (
                    "inputs_hash",
                    models.TextField(db_collation="C", help_text="Hash of the facts and the brief behind it"),
                ),
                (
                    "brief",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="qualification.brief",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.company",
                    ),
                ),
                (
                    "interaction",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="llm.interaction",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "verbose_name": "insight",
                "verbose_name_plural": "insights",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("company", None), _negated=True),
                        fields=("company",),
                        name="insight_of_company",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("lead", None), _negated=True), fields=("lead",), name="insight_of_lead"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("company", None), ("lead__isnull", False)),
                            models.Q(("company__isnull", False), ("lead", None)),
                            _connector="OR",
                        ),
                        name="insight_about_one",
                    ),
                ],
            },
        ),
    ]
