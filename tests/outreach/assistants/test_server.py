"""The Model Context Protocol as assistants speak it: by its own client, over HTTP and over standard streams."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from outreach.access import services
from outreach.core.models import Actor, AuditEntry
from tests import asynchronous
from tests.asgi import asgi_server
from tests.campaigns.factories import make_user
from tests.leads.factories import make_lead

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]


def key_of(role: str) -> str:
    user = make_user(role)
    _row, key = services.create_api_key(user=user, name="Desk assistant", actor=Actor.of(user))
    return key


async def talk(transport, *, search: str = "Schmidt"):
    async with Client(transport) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        found = await client.call_tool("search_people", {"text": search})
        wrong = await client.call_tool("read_person", {"id": 1})
        return tools, found, wrong


def test_an_assistant_reads_over_http_what_its_key_may_read():
    make_lead("Anna Schmidt", email="anna@firm.de")
    key = key_of("viewer")

    async def speak(address: str):
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http:
            return await talk(streamable_http_client(f"{address}/mcp", http_client=http))

    with asgi_server() as address:
        tools, found, wrong = asynchronous.run(speak(address))
    assert "search_people" in tools and "propose_segment" not in tools
    assert found.structured_content["people"][0]["name"] == "Anna Schmidt"
    assert wrong.is_error and wrong.structured_content["field"] == "id"
    audited = AuditEntry.objects.filter(action="assistant.called").values_list("data__program", "data__outcome")
    assert list(audited.order_by("pk")) == [("Desk assistant", "done"), ("Desk assistant", "invalid")]


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic abc"])
def test_without_a_key_nothing_is_answered(header):
    with asgi_server() as address:
        answer = httpx.post(f"{address}/mcp", json={}, headers={"Authorization": header} if header else {})
        stream = httpx.get(f"{address}/mcp", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401 and "API key" in answer.json()["detail"]
    assert (stream.status_code, stream.headers["allow"]) == (405, "POST")


def test_a_key_has_the_hourly_limit_of_the_api(settings):
    policy = settings.OUTREACH.model_copy(deep=True)
    policy.api.requests_per_hour = 1
    settings.OUTREACH = policy
    headers = {"Authorization": f"Bearer {key_of('viewer')}", "Accept": "application/json, text/event-stream"}
    question = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    with asgi_server() as address:
        answers = [httpx.post(f"{address}/mcp", json=question, headers=headers) for _number in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert int(answers[1].headers["retry-after"]) > 0


def test_an_assistant_on_this_machine_speaks_over_standard_streams():
    make_lead("Anna Schmidt", email="anna@firm.de")
    user = make_user("viewer")
    started = StdioServerParameters(
        command=sys.executable,
        args=["manage.py", "mcp", "serve", "--user", user.username],
        cwd=str(ROOT),
        env={**os.environ, "OUTREACH_DEVELOPMENT": "1", "DATABASE_URL": database_url()},
    )
    _tools, found, _wrong = asynchronous.run(talk(stdio_client(started)))
    assert found.structured_content["people"][0]["name"] == "Anna Schmidt"


def database_url() -> str:
    """The address of this worker's test database."""
    from urllib.parse import urlsplit

    from django.db import connection

    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
