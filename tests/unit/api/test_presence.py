"""A client that leaves before the response is detected, one that leaves afterwards is not."""

import asyncio

import pytest

from api.presence import Presences
from usecases.presence import present

REQUEST = {"type": "http.request", "body": b"", "more_body": False}
GONE = {"type": "http.disconnect"}


async def _nowhere(_message):
    pass


async def _turn():
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("is_begun", [False, True])
def test_whether_somebody_waits_is_known_while_the_answer_is_made(is_begun):
    async def story():
        messages, seen = asyncio.Queue(), []

        async def answers(_scope, receive, send):
            assert await receive() == REQUEST
            client = present()
            seen.append(client.is_here)
            if is_begun:
                await send({"type": "http.response.start", "status": 200, "headers": []})
            messages.put_nowait(GONE)
            await _turn()
            assert await receive() == GONE
            seen.append(client.is_here)

        messages.put_nowait(REQUEST)
        await Presences(answers)({"type": "http"}, messages.get, _nowhere)
        assert present().is_here
        return seen

    assert asyncio.run(story()) == [True, is_begun]
