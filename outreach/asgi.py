"""ASGI entry point: `uvicorn outreach.asgi:application`."""

import os

from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
pages = get_asgi_application()

from outreach.events import live  # noqa: E402 - needs the applications that are loaded above

ASSISTANTS = "/mcp"


async def application(scope: live.Scope, receive: live.Receive, send: live.Send) -> None:
    """The stream of what changed, which must not hold a thread; assistants, whose protocol is read by its SDK;
    everything else is Django's."""
    path = scope["path"] if scope["type"] == "http" else ""
    if path == live.PATH:
        await live.serve(scope, receive, send)
    elif path.rstrip("/") == ASSISTANTS:
        # the SDK takes 17 MB, which a server that no assistant asks need not hold
        endpoint = await live.in_thread(import_string, "outreach.assistants.server.ENDPOINT")
        await endpoint.serve(scope, receive, send)
    else:
        await pages(scope, receive, send)
