"""Detects clients that disconnect before the answer, so that their work can be dropped."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.streamed import is_streamed
from usecases.presence import Presence, answering


class Presences:
    """Watch the connection while a request is answered; its body is already complete."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, together with its client."""
        if scope["type"] != "http" or is_streamed(scope):
            await self.app(scope, receive, send)
            return
        connection = _Connection(await receive(), receive, send)
        watching = asyncio.create_task(connection.watch())
        try:
            with answering(connection.client):
                await self.app(scope, connection.receive, connection.send)
        finally:
            watching.cancel()


class _Connection:
    """Connection of one request; its end is detected at once."""

    def __init__(self, first: Message, receive: Receive, send: Send) -> None:
        self._first: Message | None = first
        self._receive, self._send = receive, send
        self._over = asyncio.Event()
        self._is_answered = False
        self.client = Presence()

    async def watch(self) -> None:
        """Wait until the connection ends, after the last message of the client."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        # a started response learns of the end: it may be a stream
        self.client.is_here = self._is_answered
        self._over.set()

    async def receive(self) -> Message:
        """Return the request, then its end."""
        first, self._first = self._first, None
        if first is not None:
            return first
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass on the answer."""
        self._is_answered = True
        await self._send(message)
