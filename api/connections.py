"""Limits of connections, enforced before a request is parsed.

A peer must send headers of bounded size in bounded time, then a body in bounded time. Otherwise
the connection is closed, also if a body continues after the response. The parser is h11, because
uvicorn's default (httptools) buffers headers without limit.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from api.limits import network_of

#: of request line and headers together; an event of a body (a chunk's head) is far smaller
MAX_HEADER_BYTES = 16_384
#: from the connection or the last answer until the headers are complete
HEADERS_S = 10.0
#: from the headers until the body is complete
BODY_S = 30.0
#: how long the rest of a body is discarded after its request was answered
LINGER_S = 2.0
#: how long an idle connection is kept for the next request
KEEP_ALIVE_S = 5
#: open connections; each takes a file handle (``LimitNOFILE`` in deploy/)
MAX_CONNECTIONS = 8_000
#: of one address, where no proxy stands before us: a room of 60, with six for each browser
MAX_CONNECTIONS_PER_ADDRESS = 500


def limited(*, behind_proxy: bool, most: int = MAX_CONNECTIONS) -> type[Connection]:
    """Return the protocol of one server.

    Parameters
    ----------
    behind_proxy
        Whether peers are proxies, each of which carries the requests of many users.
    most
        How many connections may be open.
    """
    bounds = {
        "most": most,
        "most_per_address": most if behind_proxy else MAX_CONNECTIONS_PER_ADDRESS,
        "open_of": Counter[str](),
    }
    return type("Limited", (Connection,), bounds)


class Connection(H11Protocol):
    """One connection of uvicorn's, with deadlines; see :func:`limited`."""

    most: ClassVar[int]
    most_per_address: ClassVar[int]
    #: number of open connections by address
    open_of: ClassVar[Counter[str]]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._address = ""
        self._deadline: asyncio.TimerHandle | None = None
        #: what the deadline is for: a phase of the request after this cycle, or of this one
        self._phase: tuple[str, object] = ("", None)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for headers, unless there are too many connections."""
        super().connection_made(transport)
        self._address = network_of(self.client[0]) if self.client else ""
        self.open_of[self._address] += 1
        is_one_too_many = (
            len(self.connections) > self.most or self.open_of[self._address] > self.most_per_address
        )
        if is_one_too_many:
            transport.abort()
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Process the data in pieces, so that headers cannot be larger than two of them."""
        for start in range(0, len(data), MAX_HEADER_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + MAX_HEADER_BYTES])
        self._watch()

    def on_response_complete(self) -> None:
        """Continue with the next request, or discard the rest of the body for a moment."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the deadline and release the connection's slot."""
        self._set_deadline(None)
        self.open_of[self._address] -= 1
        if not self.open_of[self._address]:
            del self.open_of[self._address]
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Set the deadline of the connection's phase, if the phase has changed."""
        phase = self._phase_now()
        if phase == self._phase:
            return
        self._phase = phase
        waits_s = {"headers": HEADERS_S, "body": BODY_S, "rest": LINGER_S}
        self._set_deadline(waits_s.get(phase[0]))

    def _phase_now(self) -> tuple[str, object]:
        if self.conn.their_state is h11.IDLE:
            return ("headers", self.cycle)
        if self.conn.their_state is not h11.SEND_BODY:
            return ("answer", self.cycle)
        is_answered = self.conn.our_state is h11.DONE
        return ("rest" if is_answered else "body", self.cycle)

    def _set_deadline(self, wait_s: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if wait_s is not None:
            self._deadline = self.loop.call_later(wait_s, self._cut_off)

    def _cut_off(self) -> None:
        """Abort the connection, with all unsent and unread data."""
        if not self.transport.is_closing():
            self.transport.abort()
