"""ASGI entry point: `uvicorn outreach.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
pages = get_asgi_application()

from outreach.events import live, stream  # noqa: E402 - needs the applications that are loaded above


async def application(scope: live.Scope, receive: live.Receive, send: live.Send) -> None:
    """The streams of events, which must not hold a thread; everything else is Django's."""
    place = (scope["type"], scope.get("path"))
    if place == ("http", live.PATH):
        await live.serve(scope, receive, send)
    elif place == ("http", stream.PATH):
        await stream.serve(scope, receive, send)
    elif place == ("websocket", stream.SOCKET_PATH):
        await stream.serve_socket(scope, receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close"})
    else:
        await pages(scope, receive, send)
