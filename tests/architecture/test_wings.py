"""What a linter of imports cannot see: foreign keys, task names, template addresses, vendor SDKs, purity."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import NoReverseMatch, get_resolver

ROOT = settings.BASE_DIR
WINGS = ["outreach", "leads", "conversations", "campaigns"]
FLOOR = ["core", "access", "limits", "jobs", "events", "llm", "prompts", "ops"]
SOURCES = sorted(path for wing in WINGS for path in (ROOT / wing).rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

ADAPTERS = {
    "anymail": ["conversations/channels/providers"],
    "botocore": ["conversations/channels/providers/ses", "outreach/core/buckets.py"],
    "dkim": ["conversations/channels/email/signing.py"],
    "twilio": ["conversations/channels/sms", "conversations/inbound/signatures.py"],
    "smtplib": ["conversations/channels/email"],
    "imap_tools": ["conversations/inbound/mailboxes.py", "conversations/channels/email"],
    "dns": ["conversations/senders/deliverability/dns.py"],
    "openai": ["outreach/llm/adapters/"],
    "anthropic": ("outreach/llm/adapters/",),
    "playwright": [
        "leads/sources/network/browser.py",
        "leads/sources/network/tab.py",
        "leads/sources/network/site_page.py",
    ],
}
"""SDK → the only places that may import it."""

PURE = [
    "outreach/core/words.py",
    "outreach/limits/calendars.py",
    "outreach/limits/openings.py",
    "outreach/limits/windows.py",
    "outreach/limits/buckets.py",
    "outreach/limits/throttles.py",
    "outreach/prompts/parser.py",
    "outreach/prompts/lint.py",
    "outreach/limits/circuit.py",
    "outreach/web/addresses.py",
    "outreach/web/challenges.py",
    "outreach/web/fetching.py",
    "outreach/web/robots.py",
    "leads/cleaning/compensation.py",
    "leads/insights/documents/entities.py",
    "leads/insights/documents/reader.py",
    "leads/insights/documents/signal.py",
    "leads/insights/extraction.py",
    "leads/insights/lexicons.py",
    "leads/insights/research/base.py",
    "leads/insights/research/pages.py",
    "leads/insights/texts.py",
    "leads/insights/writing.py",
    "leads/sources/features.py",
    "leads/sources/listings/json_ld.py",
    "leads/sources/listings/postings.py",
    "leads/sources/listings/results.py",
    "leads/imports/reading/detection.py",
    "leads/imports/columns/mapping.py",
    "leads/imports/reading/cell_formats.py",
    "leads/cleaning/cells.py",
    "leads/cleaning/email_risk.py",
    "leads/cleaning/legal_forms.py",
    "leads/cleaning/moments.py",
    "leads/cleaning/tax_ids.py",
    "leads/imports/reading/workbooks.py",
    "leads/segments/compiler.py",
    "leads/segments/canonical.py",
    "leads/segments/columns.py",
    "leads/segments/criteria_index.py",
    "leads/segments/ranking.py",
    "leads/qualification/factors.py",
    "leads/sources/network/errors.py",
    "leads/sources/network/links.py",
    "leads/sources/network/parsing.py",
    "leads/sources/network/seen.py",
    "campaigns/demo/network_site/people.py",
    "leads/sources/network/totp.py",
    "conversations/network/lanes.py",
    "conversations/channels/sms/pace.py",
    "conversations/senders/verification/verdicts.py",
    "outreach/core/sms_segments.py",
    "conversations/consent/confirmations.py",
    "conversations/consent/keywords.py",
    "campaigns/demo/sandbox/persona.py",
    "conversations/consent/holidays.py",
    "conversations/consent/quiet.py",
    "conversations/consent/regions.py",
    "conversations/consent/zones.py",
    "campaigns/demo/sandbox/persona.py",
    "conversations/senders/deliverability/answers.py",
    "conversations/senders/deliverability/authentication.py",
    "conversations/senders/deliverability/mail_providers.py",
    "conversations/senders/health.py",
    "conversations/senders/rotation.py",
    "conversations/senders/warmup.py",
    "conversations/senders/workday.py",
    "conversations/channels/email/html.py",
    "conversations/channels/providers/news.py",
    "conversations/files/enclosures.py",
    "conversations/files/inspection.py",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "conversations/reading").glob("*.py")),
    "conversations/replies/intents.py",
    "conversations/playbooks/definition.py",
    "conversations/replies/acts.py",
    "conversations/replies/escalation.py",
    "conversations/replies/finding.py",
    "conversations/replies/promises.py",
    "conversations/replies/situation.py",
    "conversations/tracking/machines.py",
    "campaigns/audience/live_sql.py",
    "campaigns/drafts/guardrails.py",
    "campaigns/journey/conditions.py",
    "campaigns/journey/lanes.py",
    "campaigns/journey/timeline.py",
    "campaigns/journey/walk.py",
]
"""Rules, parsers and arithmetic: neither Django nor the database, and nobody asks a clock."""


def wing_of(module: str) -> int:
    return WINGS.index(module.split(".")[0])


@cache
def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_foreign_keys_point_downwards_or_sideways():
    wrong = []
    for model in apps.get_models():
        if model.__module__.split(".")[0] not in WINGS:
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not field.concrete or target is None or target.__module__.split(".")[0] not in WINGS:
                continue
            if wing_of(target.__module__) > wing_of(model.__module__):
                wrong.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert not wrong


def test_tables_of_subscriptions_and_schedules_name_their_own_wing():
    from importlib import import_module

    wrong = []
    tables = [f"{wing}.schedules" for wing in settings.WINGS] + [f"{wing}.subscriptions" for wing in settings.WINGS[1:]]
    for table in tables:
        wing = table.split(".")[0]
        module = import_module(table)
        names = [name for functions in getattr(module, "SUBSCRIPTIONS", {}).values() for name in functions]
        names += [schedule.task for schedule in getattr(module, "SCHEDULES", [])]
        wrong += [name for name in names if name.split(".")[0] != wing]
    assert not wrong


def test_task_names_in_strings_point_at_tasks_that_exist_and_never_upwards():
    from outreach.jobs.running import resolve

    wrong = []
    for path in SOURCES:
        wing = path.relative_to(ROOT).parts[0]
        for name in re.findall(
            r'"((?:outreach|leads|conversations|campaigns)(?:\.\w+)*\.tasks\.\w+)"', path.read_text()
        ):
            if wing_of(name) > wing_of(wing):
                wrong.append(f"{path}: {name} is in a wing above")
            resolve(name)
    assert not wrong


@pytest.mark.parametrize("sdk", ADAPTERS)
def test_a_vendors_sdk_is_imported_by_its_adapter_only(sdk):
    wrong = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if any(name.split(".")[0] == sdk for name in imports_of(path))
        and not any(str(path.relative_to(ROOT)).startswith(place) for place in ADAPTERS[sdk])
    ]
    assert not wrong


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_knows_neither_django_nor_database_nor_clock(name):
    path = ROOT / name
    assert path.exists()
    impure = {"django", "rest_framework", "psycopg", "outreach.core.clock", "outreach.core.models"}
    wrong = {i for i in imports_of(path) if i in impure or i.split(".")[0] in impure}
    assert not wrong
    assert not re.search(r"datetime\.now\(|utcnow\(|time\.time\(", path.read_text())


def test_every_address_that_a_template_names_exists():
    resolver = get_resolver()
    names = set()

    def collect(patterns, prefix=""):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                collect(pattern.url_patterns, prefix + (f"{pattern.namespace}:" if pattern.namespace else ""))
            elif pattern.name:
                names.add(prefix + pattern.name)

    collect(resolver.url_patterns)
    wrong = []
    for path in TEMPLATES:
        for name in re.findall(r"\{%\s*url\s+[\"']([^\"']+)[\"']", path.read_text()):
            if name not in names:
                wrong.append(f"{path.relative_to(ROOT)}: {name}")
    assert not wrong, NoReverseMatch(wrong)


def test_templates_hold_no_inline_script_style_or_handler():
    wrong = [
        str(path.relative_to(ROOT))
        for path in TEMPLATES
        if "admin" not in path.parts
        and re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son\w+=\"", path.read_text())
    ]
    assert not wrong


def test_a_wings_templates_are_rendered_by_no_lower_wing():
    wrong = []
    for path in SOURCES:
        wing = path.relative_to(ROOT).parts[0]
        for name in re.findall(r'"((?:leads|conversations|campaigns)/[\w/]+\.html)"', path.read_text()):
            if wing_of(name.replace("/", ".")) > wing_of(wing):
                wrong.append(f"{path.relative_to(ROOT)}: {name}")
    assert not wrong


def test_every_package_says_what_it_is():
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.name == "__init__.py"
        and "management" not in path.parts
        and path.parent.name != "templatetags"
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent
