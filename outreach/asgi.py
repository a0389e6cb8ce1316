"""ASGI entry point: `uvicorn outreach.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
pages = get_asgi_application()

from outreach.events import live  # noqa: E402 - needs the applications that are loaded above


async def application(scope: live.Scope, receive: live.Receive, send: live.Send) -> None:
    """The stream of what changed, which must not hold a thread; everything else is Django's."""
    if scope["type"] == "http" and scope["path"] == live.PATH:
        await live.serve(scope, receive, send)
    else:
        await pages(scope, receive, send)
