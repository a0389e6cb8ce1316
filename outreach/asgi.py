"""ASGI entry point: `uvicorn outreach.asgi:application`."""

import os

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from outreach.core.slowness import bounded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
django.setup(set_prefix=False)


class Pages(ASGIHandler):
    """Django's handler with all of a request in one thread: our middleware and views are synchronous.

    Left to itself it enters the loop again between middleware and view, and each crossing copies all context variables:
    a quarter of what a small request costs.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


pages = bounded(Pages())

from outreach.events import feed, live, stream  # noqa: E402 - needs the applications that are loaded above

ASSISTANTS = "/mcp"


async def application(scope: live.Scope, receive: live.Receive, send: live.Send) -> None:
    """The streams of events, which must not hold a thread; assistants, whose protocol is read by its SDK; everything else
    is Django's."""
    place = (scope["type"], scope.get("path", ""))
    if place == ("http", live.PATH):
        await live.serve(scope, receive, send)
    elif place == ("http", stream.PATH):
        await stream.serve(scope, receive, send)
    elif place == ("websocket", stream.SOCKET_PATH):
        await stream.serve_socket(scope, receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close"})
    elif scope["type"] == "http" and place[1].rstrip("/") == ASSISTANTS:
        # the SDK takes 17 MB, which a server that no assistant asks need not hold
        endpoint = await feed.in_thread(import_string, "outreach.assistants.server.ENDPOINT")
        await endpoint.serve(scope, receive, send)
    else:
        await pages(scope, receive, send)
