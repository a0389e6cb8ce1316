"""Every door through which the product reaches other machines, and why none of them leads astray."""

import ast

from tests.architecture.test_wings import ROOT, SOURCES

CLIENTS = {
    "anthropic", "aiohttp", "boto3", "botocore", "curl_cffi", "http.client", "httpcore", "httpcore2", "httpx", "httpx2", "imap_tools",
    "imaplib", "openai", "requests", "smtplib", "socket", "twilio.http", "twilio.rest", "urllib.request", "urllib3", "websockets",
}  # fmt: skip
OURS = "our own code that checks the address it connects to"
CHECKED = "its sessions are guarded by outreach.web.sessions"
FILE = "the address stands in outreach.toml: whoever writes that file runs the machine"
MAIL = "a mail server, which may be in one's own network; speaks no HTTP"
NAMES = "asks for no other machine: host names, error types, free ports"
DOORS = {
    "campaigns/demo/places.py": NAMES,
    "conversations/channels/connecting.py": NAMES,
    "conversations/channels/email/adapter.py": MAIL,
    "conversations/channels/email/connection.py": MAIL,
    "conversations/channels/email/imap.py": MAIL,
    "conversations/channels/providers/adapter.py": CHECKED,
    "conversations/channels/providers/ses/adapter.py": "the address is checked before the client is made",
    "conversations/channels/providers/ses/webhook.py": NAMES,
    "conversations/channels/providers/smartlead/adapter.py": CHECKED,
    "conversations/channels/sms/adapter.py": CHECKED,
    "conversations/inbound/mailboxes.py": MAIL,
    "conversations/senders/verification/leadmagic.py": FILE,
    "leads/insights/research/http.py": FILE,
    "outreach/access/external.py": FILE,
    "outreach/core/buckets.py": FILE,
    "outreach/jobs/heartbeats.py": NAMES,
    "outreach/jobs/queue.py": NAMES,
    "outreach/llm/adapters/anthropic_sdk.py": "uses the client of outreach.llm.http",
    "outreach/llm/adapters/chat.py": NAMES,
    "outreach/llm/adapters/responses.py": NAMES,
    "outreach/llm/adapters/openai_sdk.py": "uses the client of outreach.llm.http",
    "outreach/llm/http.py": OURS,
    "outreach/ops/alerts.py": FILE,
    "outreach/ops/listening.py": "asks only the web server that it started",
    "outreach/ops/supervisor.py": NAMES,
    "outreach/web/fetching.py": OURS,
    "outreach/web/gateway.py": OURS,
    "outreach/web/sessions.py": OURS,
}


def _clients(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found for client in CLIENTS if name == client or name.startswith(f"{client}.")}


def test_every_file_that_can_connect_is_known_with_its_reason():
    found = {str(path.relative_to(ROOT)) for path in SOURCES if _clients(path)}
    assert found == set(DOORS)


def test_the_web_is_read_by_no_other_client():
    """`requests` and `httpx` make no connection of their own outside of these few files."""
    calls = {"get", "post", "put", "request", "Session", "Client", "stream", "urlopen"}
    found = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in calls
        if isinstance(node.value, ast.Name) and node.value.id in {"requests", "httpx", "httpx2", "urllib3"}
    }
    assert {DOORS[name] for name in found} <= {OURS, CHECKED, FILE}
    assert "outreach/web/sessions.py" in found
