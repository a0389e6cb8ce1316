import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("imports", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LeadChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lead_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField(verbose_name="name")),
                ("name_key", models.TextField(blank=True, db_collation="C", default="", editable=False)),
                ("domain", models.TextField(blank=True, db_collation="C", default="")),
                ("website", models.TextField(blank=True, verbose_name="website")),
                ("country", models.TextField(blank=True, db_collation="C", default="", help_text="ISO 3166-1 alpha-2")),
                ("city", models.TextField(blank=True, verbose_name="city")),
                ("industry", models.TextField(blank=True, db_collation="C", default="")),
                ("segment", models.TextField(blank=True, db_collation="C", default="")),
                ("is_sme", models.BooleanField(blank=True, null=True, verbose_name="in the SME register")),
                ("employee_count", models.PositiveIntegerField(blank=True, null=True, verbose_name="employees")),
                (
                    "employee_count_max",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The upper end of a range such as 11–50, whose lower end is “employees”; empty for an exact number",
                        null=True,
                        verbose_name="employees at most",
                    ),
                ),
                ("tax_id", models.TextField(blank=True, db_collation="C", default="")),
                ("registration_number", models.TextField(blank=True, db_collation="C", default="")),
                ("phone", models.TextField(blank=True)),
                ("status", models.TextField(blank=True, db_collation="C", default="")),
                ("research_text", models.TextField(blank=True)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("attributes", models.JSONField(blank=True, default=dict)),
                ("source", models.TextField(blank=True, db_collation="C", default="")),
                ("external_id", models.TextField(blank=True, db_collation="C", default="")),
                ("session_key", models.TextField(blank=True, db_collation="C", default="")),
                (
                    "as_of_at",
                    models.DateTimeField(blank=True, help_text="Date of the facts at their source", null=True),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="imports.batch",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="leads.company",
                    ),
                ),
            ],
            options={
                "verbose_name": "company",
                "verbose_name_plural": "companies",
                "indexes": [
                    models.Index(fields=["name_key", "country"], name="company_name_key"),
                    models.Index(fields=["country", "industry"], name="company_country_industry"),
                    models.Index(
                        condition=models.Q(("merged_into", None)), fields=["name_key", "id"], name="company_by_name"
                    ),
                    models.Index(
                        condition=models.Q(("employee_count__isnull", False), ("merged_into", None)),
                        fields=["employee_count", "id"],
                        name="company_by_employees",
                    ),
                    models.Index(
                        django.db.models.functions.text.Lower("industry"),
                        condition=models.Q(("industry", ""), _negated=True),
                        name="company_industry",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="company_tags"),
                    models.Index(
                        condition=models.Q(("domain", ""), _negated=True), fields=["domain"], name="company_domain"
                    ),
                    models.Index(
                        condition=models.Q(("merged_into", None), _negated=True),
                        fields=["merged_into"],
                        name="company_merged",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("tax_id", ""), _negated=True),
                        fields=("tax_id", "country"),
                        name="company_tax_id",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("registration_number", ""), _negated=True),
                        fields=("registration_number", "country"),
                        name="company_registration_number",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("source", "external_id"),
                        name="company_external_id",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "kind",
                    models.TextField(
                        choices=[("person", "Person"), ("listing", "Listing")], default="person", verbose_name="kind"
                    ),
                ),
                ("first_name", models.TextField(blank=True, verbose_name="first name")),
                ("last_name", models.TextField(blank=True, verbose_name="last name")),
                ("full_name", models.TextField(blank=True, verbose_name="name")),
                (
                    "name_key",
                    models.TextField(
                        blank=True,
                        db_collation="C",
                        default="",
                        editable=False,
                        help_text="Lower-case name without accents, for search and duplicates",
                    ),
                ),
                (
                    "title",
                    models.TextField(
                        blank=True, help_text="Position of a person, headline of a listing", verbose_name="title"
                    ),
                ),
                (
                    "title_key",
                    models.TextField(
                        blank=True,
                        db_collation="C",
                        default="",
                        editable=False,
                        help_text="Lower-case title, for criteria",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("url", models.TextField(blank=True)),
                ("country", models.TextField(blank=True, db_collation="C", default="", help_text="ISO 3166-1 alpha-2")),
                ("region", models.TextField(blank=True)),
                ("city", models.TextField(blank=True, verbose_name="city")),
                ("postal_code", models.TextField(blank=True)),
                (
                    "time_zone",
                    models.TextField(blank=True, help_text="IANA name; empty: derived from address or phone"),
                ),
                ("language", models.TextField(blank=True, db_collation="C", default="", help_text="ISO 639-1")),
                (
                    "status",
                    models.TextField(
                        blank=True,
                        db_collation="C",
                        default="",
                        help_text="The team's own status, `client_status` of imports",
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("attributes", models.JSONField(blank=True, default=dict)),
                ("research", models.JSONField(blank=True, default=dict)),
                ("source", models.TextField(blank=True, db_collation="C", default="")),
                ("external_id", models.TextField(blank=True, db_collation="C", default="")),
                ("session_key", models.TextField(blank=True, db_collation="C", default="")),
                (
                    "as_of_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Date of the facts at their source; empty: date of the row's last change",
                        null=True,
                    ),
                ),
                (
                    "content_hash",
                    models.TextField(
                        blank=True, db_collation="C", default="", help_text="Hash of what qualification sees"
                    ),
                ),
                ("activity_at", models.DateTimeField(blank=True, null=True)),
                ("last_contacted_at", models.DateTimeField(blank=True, null=True)),
                ("last_replied_at", models.DateTimeField(blank=True, null=True)),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="leads",
                        to="imports.batch",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="leads",
                        to="leads.company",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "verbose_name": "lead",
                "verbose_name_plural": "leads",
                "indexes": [
                    models.Index(
                        condition=models.Q(("erased_at", None)),
                        fields=["country", "language", "-activity_at"],
                        name="lead_place_language",
                    ),
                    models.Index(fields=["last_contacted_at", "id"], name="lead_last_contacted"),
                    models.Index(
                        condition=models.Q(("last_replied_at__isnull", False)),
                        fields=["last_replied_at", "id"],
                        name="lead_last_replied",
                    ),
                    models.Index(
                        condition=models.Q(("erased_at", None)),
                        fields=["title_key", "country", "company", "last_contacted_at"],
                        name="lead_title_place_rest",
                    ),
                    models.Index(fields=["name_key", "id"], name="lead_name_key"),
                    models.Index(
                        condition=models.Q(("status", ""), _negated=True), fields=["status", "-id"], name="lead_status"
                    ),
                    models.Index(
                        condition=models.Q(("merged_into", None), _negated=True),
                        fields=["merged_into"],
                        name="lead_merged",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="lead_tags"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.search.SearchVector("name_key", config="simple"), name="lead_name_words"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["listing", "person"])), name="leads_lead_kind_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("source", "external_id"),
                        name="lead_external_id",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Title",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title_key", models.TextField(db_collation="C")),
            ],
            options={
                "indexes": [models.Index(fields=["title_key"], name="title_key")],
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "channel",
                    models.TextField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("network", "Professional network")]
                    ),
                ),
                ("address", models.TextField(db_collation="C")),
                ("is_primary", models.BooleanField(default=True)),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("unknown", "Not checked"),
                            ("valid", "Valid"),
                            ("risky", "Risky"),
                            ("invalid", "Invalid"),
                        ],
                        default="unknown",
                    ),
                ),
                ("status_reason", models.TextField(blank=True)),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="identities", to="leads.lead"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "identities",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email", "network", "sms"])),
                        name="leads_identity_channel_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["invalid", "risky", "unknown", "valid"])),
                        name="leads_identity_status_known",
                    ),
                    models.UniqueConstraint(fields=("channel", "address"), name="identity_address_once"),
                ],
            },
        ),
    ]
