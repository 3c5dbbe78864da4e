"""A connection is cut off that sends too much or takes too long, whatever it sends.

The protocol is driven by hand: its transport and its clock are the test's, so nothing waits.
"""

import asyncio
from collections.abc import Callable

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from api import connections
from api.connections import BODY_S, HEADERS_S, LINGER_S, MAX_HEADER_BYTES, limited

LENGTH = (b"content-length", b"0")
GET = b"GET / HTTP/1.1\r\nhost: here\r\n"
POST = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 1000\r\n\r\n"


class Wire(asyncio.Transport):
    """Records what a connection writes and whether it is closed."""

    def __init__(self, address):
        super().__init__()
        self.address, self.written, self.closed, self.aborted = address, b"", False, False

    def get_extra_info(self, name, default=None):
        return {"peername": (self.address, 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def abort(self):
        self.closed = self.aborted = True

    def write(self, data):
        self.written += data

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


class Timer:
    def __init__(self, wait_s, call):
        self.wait_s, self.call, self.cancelled = wait_s, call, False

    def cancel(self):
        self.cancelled = True


class Loop:
    """Keeps what is to be done later, and runs it when the test says so."""

    def __init__(self):
        self.timers: list[Timer] = []
        self.work: list[asyncio.Task] = []

    def call_later(self, wait_s: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(wait_s, call))
        return self.timers[-1]

    def create_task(self, work, **more):
        task = asyncio.get_running_loop().create_task(work, **more)
        self.work.append(task)
        return task

    @property
    def waits(self):
        return [timer.wait_s for timer in self.timers if not timer.cancelled]

    def pass_time(self, wait_s):
        for timer in [timer for timer in self.timers if not timer.cancelled]:
            if timer.wait_s == wait_s:
                timer.cancel()
                timer.call()


class Server:
    """Connections of one server, whose application answers at once and reads no body."""

    def __init__(self, most=10, *, behind_proxy=False):
        self.protocol, self.loop = limited(behind_proxy=behind_proxy, most=most), Loop()
        self.config, self.state = (
            Config(self._answer, interface="asgi3", log_level="critical"),
            ServerState(),
        )
        self.config.load()

    async def _answer(self, scope, receive, send):
        if scope["path"] == "/slow":
            while (await receive()).get("more_body"):
                pass
        await send({"type": "http.response.start", "status": 200, "headers": [LENGTH]})
        await send({"type": "http.response.body", "body": b""})

    def connect(self, address="2001:db8::1"):
        connection, wire = self.protocol(self.config, self.state, {}, self.loop), Wire(address)
        connection.connection_made(wire)
        return connection, wire

    async def answered(self):
        for task in self.loop.work:
            await task


@pytest.mark.parametrize("line", [b"x-a: b\r\n", b"a" * 4_000, b"x-a: " + b"b" * 9_000 + b"\r\n"])
def test_a_flood_of_headers_is_refused_before_it_is_held(line):
    async def story():
        connection, wire = Server().connect()
        connection.data_received(GET)
        held = 0
        for _ in range(240):  # 60 MB, as the event loop hands them out
            connection.data_received(line * (262_144 // len(line)))
            held = max(held, len(connection.conn._receive_buffer))
        return wire, held

    wire, held = asyncio.run(story())
    assert wire.closed
    assert wire.written.startswith(b"HTTP/1.1 400")
    assert held <= 2 * MAX_HEADER_BYTES


def test_headers_that_do_not_end_are_cut_off_however_often_some_more_come():
    async def story():
        server = Server()
        connection, wire = server.connect()
        assert server.loop.waits == [HEADERS_S]
        connection.data_received(GET)
        for n in range(50):
            connection.data_received(b"x-%d: y\r\n" % n)
        assert server.loop.waits == [HEADERS_S]
        server.loop.pass_time(HEADERS_S)
        return wire

    assert asyncio.run(story()).aborted


def test_a_body_that_does_not_end_is_cut_off():
    async def story():
        server = Server()
        connection, wire = server.connect()
        connection.data_received(POST.replace(b"/ ", b"/slow "))
        for _ in range(50):
            connection.data_received(b"x")
        assert server.loop.waits == [BODY_S]
        server.loop.pass_time(BODY_S)
        connection.connection_lost(None)
        await server.answered()
        return wire

    assert asyncio.run(story()).aborted


def test_what_is_left_of_a_body_that_nobody_reads_is_thrown_away_for_a_moment_only():
    async def story():
        server = Server()
        connection, wire = server.connect()
        connection.data_received(POST)
        await server.answered()
        connection.data_received(b"x" * 100)
        assert LINGER_S in server.loop.waits
        server.loop.pass_time(LINGER_S)
        return wire

    assert asyncio.run(story()).aborted


def test_a_request_is_answered_and_the_next_has_its_own_time():
    async def story():
        server = Server()
        connection, wire = server.connect()
        for _ in range(3):
            connection.data_received(POST[:20])
            connection.data_received(POST[20:] + b"x" * 1_000)
            await server.answered()
            assert wire.written.endswith(b"\r\n\r\n")
            assert server.loop.waits.count(HEADERS_S) == 1
            assert BODY_S not in server.loop.waits
        return wire

    wire = asyncio.run(story())
    assert wire.written.count(b"HTTP/1.1 200") == 3
    assert not wire.closed


def test_an_answer_may_take_as_long_as_it_takes():
    async def story():
        server = Server()
        connection, _ = server.connect()
        connection.data_received(GET + b"\r\n")
        waits = server.loop.waits  # the application has not even begun
        await server.answered()
        return waits

    assert asyncio.run(story()) == []


def test_beyond_so_many_connections_new_ones_are_dropped_and_old_ones_stay():
    async def story():
        server = Server(most=3)
        wires = [server.connect(f"192.0.2.{n}") for n in range(5)]
        assert [wire.aborted for _, wire in wires] == [False, False, False, True, True]
        for connection, _ in wires[2:]:
            connection.connection_lost(None)
        assert not server.connect()[1].aborted

    asyncio.run(story())


def test_one_address_cannot_take_all_connections_but_a_proxy_can(monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS_PER_ADDRESS", 2)

    async def story(**more):
        server = Server(**more)
        theirs = [f"2001:db8::{n}" for n in range(3)]  # one network
        wires = [server.connect(address)[1] for address in (*theirs, "192.0.2.7")]
        return [wire.aborted for wire in wires]

    assert asyncio.run(story()) == [False, False, True, False]
    assert not any(asyncio.run(story(behind_proxy=True)))
