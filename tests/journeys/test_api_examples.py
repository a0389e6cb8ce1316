"""The examples of docs/api.md, typed as they are: bash and curl against the server, and a generated Python client."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as live
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator

import leads.api_urls
from conversations.consent import services as consent
from conversations.consent.services import Target
from leads.qualification.services import save_brief
from leads.segments.services import save_segment
from outreach.access.services import create_api_key
from outreach.core.models import Actor
from outreach.jobs.models import Job
from outreach.prompts.services import sync_packs
from tests.campaigns.factories import make_campaign, make_candidate
from tests.conversations.factories import make_conversation, make_reply
from tests.leads.factories import make_lead
from tests.outreach.access.factories import make_user

DOCS = live.BASE_DIR / "docs"
ASK = 'ask() { curl -sS -w "%{stderr}%{http_code} %{method} %{url}\\n" -H "Authorization: Api-Key $KEY" -H "Content-Type: application/json" "$@"; }'
OPERATOR = Actor.system("test")
WAITS = ("409", "POST", "/start/")
"""Asked rightly, and refused: no audience is frozen and no draft approved yet."""


def make_key() -> str:
    user = make_user("administrator")
    return create_api_key(user=user, name="examples", actor=Actor.of(user))[1]


def numbered(script: str) -> str:
    """The script with the numbers of rows that are there."""
    sync_packs()
    everyone = save_segment(
        name="Everyone",
        criteria={"all": [{"field": "lead.kind", "operator": "equals", "value": "person"}]},
        created_by=None,
    )
    brief = save_brief(
        name="B", description="", factors={"keywords": {"wanted": ["python"]}}, use_model=False, created_by=None
    )
    campaign = make_campaign(segment_version=everyone, brief=brief)
    lead = make_lead(email="ann@firm.example")
    candidate = make_candidate(campaign, lead=make_lead(email="bob@firm.example"))
    reply = make_reply(make_conversation(candidate.lead), subject="Hello")
    suppression = consent.suppress(Target(channel="email", address="old@firm.example"), reason="manual", actor=OPERATOR)
    job = Job.objects.create(kind="test", task="none")
    rows = {
        r"leads/(7|123)/": f"leads/{lead.pk}/",
        r'"(lead|lead_id)": 123': rf'"\1": {lead.pk}',
        r'"brief": 2': f'"brief": {brief.pk}',
        r"campaigns/5/": f"campaigns/{campaign.pk}/",
        r"conversations/9/": f"conversations/{reply.conversation_id}/",
        r"suppressions/4/": f"suppressions/{suppression.pk}/",
        r"jobs/12/": f"jobs/{job.pk}/",
        r'"segment": 3': f'"segment": {campaign.segment_version.segment_id}',
        r'"sender": 1': f'"sender": {campaign.steps.first().sender_id}',
    }
    for pattern, row in rows.items():
        assert re.search(pattern, script), pattern
        script = re.sub(pattern, row, script)
    return script


@pytest.mark.django_db(transaction=True)
def test_the_examples_for_curl_work(live_server: Any) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", (DOCS / "api.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if not line.startswith(("export", "alias"))]
    lines = [line for line in lines if not line.startswith(("make ", "pip "))]
    script = numbered("\n".join(lines))
    environment = {"PATH": "/usr/bin:/bin", "OUTREACH": live_server.url, "KEY": make_key()}
    ran = subprocess.run(
        ["bash", "-c", f"set -eu\n{ASK}\n{script}"], env=environment, capture_output=True, text=True, timeout=120
    )
    answers = re.findall(r"^(\d{3}) (\w+) (\S+)$", ran.stderr, re.MULTILINE)
    assert ran.returncode == 0 and len(answers) == script.count("ask "), ran.stderr
    wrong = [
        answer
        for answer in answers
        if answer[0] >= "400" and not (answer[:2] == WAITS[:2] and answer[2].endswith(WAITS[2]))
    ]
    assert not wrong, ran.stdout


def generate(schema: dict[str, Any], folder: Any) -> str:
    """As `make client` does; what the generator said."""
    (folder / "openapi.json").write_text(json.dumps(schema, default=str))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(folder / "openapi.json")]
    command += ["--config", str(DOCS / "examples" / "python-client.yaml"), "--meta", "none", "--overwrite"]
    command += ["--output-path", str(folder / "outreach_client")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    return ran.stdout + ran.stderr


def part_of_schema(address: str) -> dict[str, Any]:
    """The operations of one address with what they refer to: the whole takes the generator a while."""
    patterns = [path("api/v1/", include(leads.api_urls.urlpatterns))]
    schema = SchemaGenerator(patterns=patterns).get_schema(request=None, public=True)
    found: dict[str, dict[str, Any]] = {}
    waiting = [schema["paths"][address]]
    while waiting:
        for kind, name in re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(waiting.pop(), default=str)):
            if name not in found.setdefault(kind, {}):
                found[kind][name] = schema["components"][kind][name]
                waiting.append(found[kind][name])
    return {**schema, "paths": {address: schema["paths"][address]}, "components": found}


@pytest.mark.django_db(transaction=True)
def test_a_generated_client_is_typed_and_talks_to_the_api(live_server: Any, tmp_path: Any, monkeypatch: Any) -> None:
    said = generate(part_of_schema("/api/v1/leads/"), tmp_path)
    assert "WARNING" not in said.upper(), said
    monkeypatch.syspath_prepend(tmp_path)
    client_class = importlib.import_module("outreach_client").AuthenticatedClient
    listing = importlib.import_module("outreach_client.api.leads.leads_list")
    make_lead(full_name="Ann Lee")
    client = client_class(base_url=live_server.url, prefix="Api-Key", token=make_key())
    page = listing.sync(client=client, search="ann")
    assert hasattr(page, "results"), page
    assert [lead.full_name for lead in page.results] == ["Ann Lee"]


@pytest.mark.slow
def test_the_whole_api_can_be_generated(tmp_path: Any) -> None:
    said = generate(SchemaGenerator().get_schema(request=None, public=True), tmp_path)
    warnings = re.findall(r"^WARNING parsing (.*?) within", said, re.MULTILINE)
    assert warnings == ["GET /api/v1/model-calls/export/"], said  # lines of JSON, which it leaves out
