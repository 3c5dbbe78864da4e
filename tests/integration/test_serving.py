"""The web server as ``app.py`` configures it, on a real socket: its limits are in force.

Deadlines are shortened; what is waited for is that a connection ends, however long that takes.
"""

import asyncio
import resource
from contextlib import asynccontextmanager

import pytest

from api import connections, serving

PATIENCE_S = 60
HEAD = b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n"
LONG = HEAD + b"content-length: 1000000\r\n\r\n"
SHORT = HEAD + b"content-length: 2\r\n\r\n{}"


async def application(scope, receive, send):
    """Answer with the size of a request's body, once it is complete."""
    if scope["type"] != "http":
        raise RuntimeError
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served():
    """Serve, and give what opens a connection."""
    config = serving.configured(application, "127.0.0.1", 0, behind_proxy=False)
    config.lifespan = "off"
    bound = serving.listening(config)
    server = serving.Uvicorn(config, lambda: None)
    task = asyncio.create_task(server.serve([bound]))
    opened = []
    while not server.started:
        await asyncio.sleep(0.01)

    async def connect():
        reader, writer = await asyncio.open_connection(*bound.getsockname())
        opened.append(writer)
        return reader, writer

    try:
        yield connect
    finally:
        for writer in opened:
            writer.close()
        server.should_exit = True
        await task


async def ended(reader):
    """Read until the server ends the connection; return what it said before."""
    said = b""
    try:
        while part := await reader.read(65_536):
            said += part
    except ConnectionError:
        pass
    return said


async def answer(reader, writer):
    """Send a short request and return the status of its answer."""
    writer.write(SHORT)
    line = await reader.readline()
    return line.split()[1] if line else b""


def run(story):
    async def within():
        async with asyncio.timeout(PATIENCE_S), served() as connect:
            return await story(connect)

    return asyncio.run(within())


def test_headers_that_are_too_long_are_refused_while_they_still_come():
    async def story(connect):
        reader, writer = await connect()
        writer.write(HEAD)
        reading = asyncio.create_task(ended(reader))
        sent = 0
        while not reading.done() and sent < 60_000_000:
            writer.write(b"x-a: b\r\n" * 1_000)
            sent += 8_000
            try:
                await writer.drain()
            except ConnectionError:
                break
        return await reading, sent

    said, sent = run(story)
    assert said == b"" or said.startswith(b"HTTP/1.1 400")
    assert sent < 60_000_000


@pytest.mark.parametrize(
    ("limit", "start"),
    [("HEADERS_S", HEAD), ("HEADERS_S", b""), ("BODY_S", LONG), ("KEEP_ALIVE_S", SHORT)],
)
def test_who_does_not_go_on_is_cut_off(monkeypatch, limit, start):
    monkeypatch.setattr(connections, limit, 1)

    async def story(connect):
        reader, writer = await connect()
        writer.write(start)
        said = await ended(reader)
        other = await connect()
        return said, await answer(*other)

    said, other = run(story)
    assert said.startswith(b"HTTP/1.1 200") == (start is SHORT)
    assert other == b"200"


def test_beyond_so_many_connections_a_new_one_is_refused_until_one_ends(monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 4)

    async def story(connect):
        waiting = [await connect() for _ in range(3)]
        for _, writer in waiting:
            writer.write(LONG)
        refused = await answer(*await connect())
        beyond = [await ended((await connect())[0]) for _ in range(2)]
        waiting[0][1].close()
        while (again := await answer(*await connect())) != b"200":
            pass
        return refused, beyond, again

    refused, beyond, again = run(story)
    assert refused in (b"503", b"")
    assert beyond == [b"", b""]
    assert again == b"200"


def test_the_limit_of_open_files_is_raised_to_what_the_connections_take(monkeypatch):
    set_to = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1_024, 20_000))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits))
    assert serving.allow_files(8_000) == 8_000
    assert set_to == [(8_000 + serving._OTHER_FILES, 20_000)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1_024, 1_024))
    assert serving.allow_files(8_000) == 1_024 - serving._OTHER_FILES
