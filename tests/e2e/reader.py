"""The application for a viewer with clearance CLEAR.

Every byte that leaves the server is kept in the file ``KNOCKON_TEST_RECORD``, streams too.
"""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

import app
from api import door
from models.access import Who

READER = Who("reader", "Reader", "observer", frozenset(), "CLEAR")


class Recorder:
    """The outermost of all: what passes here is what the browser gets."""

    def __init__(self, inner: ASGIApp, record: Path) -> None:
        self.inner, self.record, self.number = inner, record, itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and record the response."""
        number, request = next(self.number), f"{scope.get('method')} {scope.get('path')}"

        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                for name, value in message["headers"]:
                    self._keep(number, f"headers of {request}", name + b": " + value + b"\n")
            elif message["type"] == "http.response.body":
                self._keep(number, request, message.get("body", b""))
            await send(message)

        await self.inner(scope, receive, kept if scope["type"] == "http" else send)

    def _keep(self, number: int, request: str, part: bytes) -> None:
        with self.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps([number, request, base64.b64encode(part).decode()]) + "\n")


def recorded(record: Path) -> list[tuple[str, bytes]]:
    """Return every answer that was kept, with what had been asked."""
    parts: dict[tuple[int, str], bytes] = defaultdict(bytes)
    for line in record.read_text(encoding="utf-8").splitlines():
        number, request, part = json.loads(line)
        parts[number, request] += base64.b64decode(part)
    return [
        (request, gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
        for (_, request), body in parts.items()
    ]


def main() -> int:
    """Serve, with everybody being the reader."""
    door.LOCAL_USER = READER
    create = app.create_app

    def recording(*arguments: Any, **more: Any) -> Any:
        made = create(*arguments, **more)
        made.server.add_middleware(Recorder, record=Path(os.environ["KNOCKON_TEST_RECORD"]))
        return made

    app.create_app = recording
    return app.main()


if __name__ == "__main__":
    sys.exit(main())
