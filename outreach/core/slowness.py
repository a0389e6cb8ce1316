"""Bodies that come too slowly: whoever sends one byte at a time would keep a connection for ever.

The body is read before a page gets a thread, so slow senders hold up no one else; this is what ends them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

FIRST_SECONDS = 30.0
LEAST_BYTES_A_SECOND = 2_000
TOO_SLOW = b'{"type": "about:blank", "title": "Request Timeout", "status": 408, "code": "too_slow", "detail": "The body came too slowly."}'


def bounded(application: Application) -> Application:
    """The application, to which a body that comes too slowly looks like a client that went away; the client gets 408."""

    async def serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        began, size, is_whole, is_late, is_answered = loop.time(), 0, False, False, False

        async def read() -> Message:
            nonlocal size, is_whole, is_late
            if is_whole:
                return await receive()
            try:
                async with asyncio.timeout_at(began + FIRST_SECONDS + size / LEAST_BYTES_A_SECOND):
                    message = await receive()
            except TimeoutError:
                is_late = True
                return {"type": "http.disconnect"}
            size += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            return message

        async def write(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        await application(scope, read, write)
        if is_late and not is_answered:
            headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 408, "headers": headers})
            await send({"type": "http.response.body", "body": TOO_SLOW})

    return serve
