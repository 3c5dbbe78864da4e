"""Notes when a client leaves before it was answered, so that nothing is computed for nobody."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from usecases.presence import Presence, answering


class Presences:
    """Watch the connection while a request is answered; its body is complete already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with somebody who waits for it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        one = _Connection(await receive(), receive, send)
        watching = asyncio.create_task(one.watch())
        try:
            with answering(one.client):
                await self.app(scope, one.receive, one.send)
        finally:
            watching.cancel()


class _Connection:
    """One request's connection, whose end is looked for all the time."""

    def __init__(self, first: Message, receive: Receive, send: Send) -> None:
        self._first: Message | None = first
        self._receive, self._send = receive, send
        self._over = asyncio.Event()
        self._is_answered = False
        self.client = Presence()

    async def watch(self) -> None:
        """Wait until the connection is over, after the last of whatever is still sent."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        # an answer that was begun is told to its end: it may be a stream that others share
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
