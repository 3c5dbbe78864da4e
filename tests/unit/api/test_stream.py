"""A stream is left however it ends, also before its first event."""

import asyncio

import pytest

from api.stream import _Events

SCOPE = {"type": "http", "method": "GET", "path": "/api/stream", "headers": []}


class Live:
    """A live view that counts: what was sent, and who left."""

    def __init__(self):
        self.begun, self.left = 0, []

    async def events(self, viewer, user):
        self.begun += 1
        yield b": here\n\n"
        await asyncio.Event().wait()

    def leave(self, viewer):
        self.left.append(viewer)


@pytest.fixture
def live():
    return Live()


def run(live, receive, send):
    asyncio.run(asyncio.wait_for(_Events(live, "viewer", SCOPE)(SCOPE, receive, send), 30))


def test_a_page_that_goes_is_left(live):
    sent, begun = [], asyncio.Event()

    async def send(message):
        sent.append(message)
        if message["type"] == "http.response.body":
            begun.set()

    async def receive():
        await begun.wait()
        return {"type": "http.disconnect"}

    run(live, receive, send)
    headers = dict(sent[0]["headers"])
    assert headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"x-accel-buffering"] == b"no"
    assert sent[1]["body"] == b": here\n\n"
    assert live.left == ["viewer"]


def test_a_page_that_is_gone_before_the_answer_begins_is_left(live):
    async def send(_):
        raise OSError("connection lost")

    async def receive():
        await asyncio.Event().wait()

    run(live, receive, send)
    assert live.begun == 0, "nothing in the generator could have cleaned up"
    assert live.left == ["viewer"]
