"""What incomplete bodies take in memory is bounded, and one address cannot take it all."""

import asyncio

import pytest

from api import guard
from api.guard import BodyLimit

CHUNK = b"x" * 1_000


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(guard, "MAX_HELD_BYTES_PER_ADDRESS", 4_000)
    monkeypatch.setattr(guard, "MAX_HELD_BYTES", 10_000)


async def _nothing(_scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Sender:
    """Sends a body in chunks, one after each ``step``; it ends only on request."""

    def __init__(self, limit, address):
        self.limit, self.messages, self.sent = limit, asyncio.Queue(), []
        scope = {"type": "http", "method": "POST", "client": (address, 1)}
        self.task = asyncio.create_task(limit(scope, self.messages.get, self._send))

    async def _send(self, message):
        self.sent.append(message)

    async def step(self, more=True):
        self.messages.put_nowait({"type": "http.request", "body": CHUNK, "more_body": more})
        for _ in range(20):
            await asyncio.sleep(0)

    @property
    def status(self):
        return self.sent[0]["status"] if self.sent else None


def test_endless_bodies_of_one_address_are_refused_and_others_are_served():
    async def story():
        limit = BodyLimit(_nothing)
        endless = [Sender(limit, "192.0.2.1") for _ in range(200)]
        for sender in endless:
            await sender.step()
        assert sum(limit.held.values()) / 2 <= 4_000 + len(CHUNK)
        assert [sender.status for sender in endless] == [None] * 4 + [503] * 196
        assert (b"connection", b"close") in endless[-1].sent[0]["headers"]
        other = Sender(limit, "192.0.2.2")
        await other.step()
        await other.step(more=False)
        assert other.status == 200
        for sender in endless:
            sender.task.cancel()
        await asyncio.gather(*(sender.task for sender in endless), return_exceptions=True)
        assert not limit.held

    asyncio.run(story())


def test_many_addresses_hold_no_more_than_all_may():
    async def story():
        limit = BodyLimit(_nothing)
        endless = [Sender(limit, f"192.0.2.{n}") for n in range(200)]
        for sender in endless:
            await sender.step()
        assert [sender.status for sender in endless] == [None] * 10 + [503] * 190
        for sender in endless:
            sender.task.cancel()

    asyncio.run(story())


def test_a_body_in_one_piece_is_never_refused():
    async def story():
        limit = BodyLimit(_nothing)
        limit.held.update({"": 10_000, "192.0.2.1": 4_000})
        sender = Sender(limit, "192.0.2.1")
        await sender.step(more=False)
        return sender.status

    assert asyncio.run(story()) == 200
