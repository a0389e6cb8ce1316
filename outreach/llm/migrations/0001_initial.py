import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AnswerFlight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.TextField(unique=True)),
                ("expires_at", models.DateTimeField(db_index=True, help_text="A worker that died holds it until then")),
            ],
        ),
        migrations.CreateModel(
            name="CallReservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.TextField()),
                ("campaign_id", models.BigIntegerField(blank=True, null=True)),
                ("amount_usd", models.DecimalField(decimal_places=6, max_digits=12)),
                (
                    "expires_at",
                    models.DateTimeField(db_index=True, help_text="A worker that died holds its place until then"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CampaignCap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("campaign_id", models.BigIntegerField(unique=True)),
                ("usd", models.DecimalField(decimal_places=2, max_digits=12)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Circuit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.TextField(unique=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("opened_until", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.TextField(blank=True)),
                (
                    "model_names",
                    models.JSONField(
                        blank=True, default=list, help_text="The models that it named when it was last asked"
                    ),
                ),
                (
                    "test",
                    models.JSONField(
                        blank=True, default=dict, help_text="{at, model, answer, error, latency_ms} of the last test"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="ModelRoute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("route", models.TextField(unique=True)),
                ("chain", models.JSONField(default=list, help_text="[provider/model]")),
                ("temperature", models.FloatField(default=0.4, verbose_name="temperature")),
                ("max_output_tokens", models.PositiveIntegerField(default=900, verbose_name="longest answer")),
            ],
            options={
                "ordering": ["route"],
            },
        ),
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("session_key", models.TextField(blank=True, db_index=True)),
                ("campaign_id", models.BigIntegerField(blank=True, db_index=True, null=True)),
                ("lead_id", models.BigIntegerField(blank=True, db_index=True, null=True)),
                ("batch_id", models.BigIntegerField(blank=True, null=True)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-started_at"],
            },
        ),
        migrations.CreateModel(
            name="TraceExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sent_until", models.DateTimeField()),
                ("last_id", models.UUIDField(null=True)),
                ("problem", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Interaction",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "campaign_id",
                    models.BigIntegerField(blank=True, editable=False, help_text="As on its trace", null=True),
                ),
                (
                    "step",
                    models.TextField(
                        help_text="What the call is for: plan, draft, refine, judge, qualify, classify, reply."
                    ),
                ),
                ("route", models.TextField()),
                ("provider", models.TextField()),
                ("model", models.TextField()),
                ("parameters", models.JSONField(default=dict)),
                ("pack_sha", models.TextField(blank=True, db_index=True)),
                ("input", models.JSONField(default=list)),
                ("output", models.TextField(blank=True)),
                ("input_hash", models.TextField(db_index=True)),
                ("input_tokens", models.IntegerField(blank=True, null=True)),
                ("output_tokens", models.IntegerField(blank=True, null=True)),
                ("cost_usd", models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True)),
                ("latency_ms", models.IntegerField(blank=True, null=True)),
                ("finish_reason", models.TextField(blank=True)),
                ("error_class", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
                ("is_cache_hit", models.BooleanField(default=False)),
                (
                    "has_texts",
                    models.BooleanField(default=True, help_text="False: deleted after their time, or never kept"),
                ),
                ("retries", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="children",
                        to="llm.interaction",
                    ),
                ),
                (
                    "trace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="interactions", to="llm.trace"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(fields=["created_at", "id"], include=("cost_usd",), name="interaction_by_time"),
                    models.Index(
                        fields=["campaign_id", "created_at"], include=("cost_usd",), name="interaction_by_campaign"
                    ),
                    models.Index(fields=["provider", "model", "step", "created_at"], name="interaction_by_model"),
                    models.Index(
                        condition=models.Q(("has_texts", True)), fields=["created_at"], name="interaction_with_texts"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("score", models.FloatField(blank=True, null=True)),
                ("label", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("judge", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "interaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="evaluations", to="llm.interaction"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CachedAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("key", models.TextField(unique=True)),
                ("output", models.TextField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "interaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="llm.interaction"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ModelLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.TextField()),
                ("model", models.TextField()),
                ("requests_per_minute", models.PositiveBigIntegerField(blank=True, null=True)),
                ("tokens_per_minute", models.PositiveBigIntegerField(blank=True, null=True)),
                ("learned_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("provider", "model"), name="model_limit_once")],
            },
        ),
        migrations.CreateModel(
            name="ModelPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("usd_per_day", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("usd_per_campaign", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                (
                    "trace_content",
                    models.TextField(
                        choices=[
                            ("whole", "Everything"),
                            ("masked", "Texts with personal data masked"),
                            ("off", "No texts, only numbers"),
                        ],
                        default="whole",
                    ),
                ),
                (
                    "trace_days",
                    models.PositiveIntegerField(
                        default=180, help_text="Texts are deleted after so many days; 0: never"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("trace_content__in", ["masked", "off", "whole"])),
                        name="llm_modelpolicy_trace_content_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelProvider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "name",
                    models.TextField(help_text="What routes call it: name/model", unique=True, verbose_name="name"),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("openai", "OpenAI"),
                            ("anthropic", "Anthropic"),
                            ("gemini", "Google Gemini"),
                            ("compatible", "Another OpenAI-compatible server"),
                        ]
                    ),
                ),
                ("base_url", models.TextField(verbose_name="address")),
                (
                    "uses_responses",
                    models.BooleanField(default=False, verbose_name="ask through OpenAI's responses API"),
                ),
                ("key_token", models.TextField(blank=True, editable=False)),
                ("is_local", models.BooleanField(default=False, verbose_name="on this machine or in my own network")),
                (
                    "timeout_seconds",
                    models.PositiveSmallIntegerField(default=60, verbose_name="longest wait for an answer"),
                ),
                ("concurrent_calls", models.PositiveIntegerField(blank=True, null=True, verbose_name="calls at once")),
                (
                    "requests_per_minute",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="calls a minute"),
                ),
                (
                    "tokens_per_minute",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="tokens a minute"),
                ),
                (
                    "prices",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="{model or *: {input, output}}: US dollars for a million tokens that a person stated; 0 is free",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["anthropic", "compatible", "gemini", "openai"])),
                        name="llm_modelprovider_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelTrait",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.TextField()),
                ("model", models.TextField()),
                (
                    "refuses",
                    models.TextField(help_text="temperature, max_tokens, max_completion_tokens, response_format"),
                ),
                ("reason", models.TextField(blank=True)),
                ("learned_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "model", "refuses"), name="model_trait_once")
                ],
            },
        ),
    ]
