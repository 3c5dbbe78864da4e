"""What attacks a server on loopback, as a process of its own until it is ended.

``python -m benchmarks.attackers KIND ADDRESS [JSON]``; benchmarks/attacks.py starts it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import httpx

from benchmarks.callers import UPDATE

FLOOD_BYTES = 60_000_000
GUESSERS, BODIES = 60, 200
POST = b"POST /api/sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
Wish = dict[str, Any]


async def _connect(server: str, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = server.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port), local_addr=(f"127.0.1.{number}", 0))


async def headers(server: str, _: Wish) -> None:
    """Send 60 MB of headers on each of four connections; one that is cut off begins anew."""

    async def flood(number: int) -> None:
        while True:
            with suppress(OSError):
                _reader, writer = await _connect(server, number)
                writer.write(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n")
                for _piece in range(FLOOD_BYTES // 64_000):
                    writer.write(b"x-a: b\r\n" * 8_000)
                    await writer.drain()
                writer.close()
            await asyncio.sleep(0.1)

    await asyncio.gather(*(flood(1 + n) for n in range(4)))


async def guesses(server: str, wish: Wish) -> None:
    """Try a password of an account 60 times a second, from as many addresses."""

    async def guess(number: int) -> None:
        transport = httpx.AsyncHTTPTransport(local_address=f"127.0.2.{number}")
        async with httpx.AsyncClient(base_url=server, transport=transport, timeout=120) as client:
            await asyncio.sleep(number / GUESSERS)
            while True:
                trying = asyncio.create_task(client.post("/api/sign-in", json=wish))
                running.add(trying)
                trying.add_done_callback(running.discard)
                await asyncio.sleep(1)

    running: set[asyncio.Task[httpx.Response]] = set()
    await asyncio.gather(*(guess(1 + n) for n in range(GUESSERS)))


async def bodies(server: str, _: Wish) -> None:
    """Keep 200 bodies open that never end, from four addresses; one that is cut off begins anew."""

    async def drip(number: int) -> None:
        while True:
            with suppress(OSError):
                _reader, writer = await _connect(server, 10 + number % 4)
                writer.write(POST + b"content-length: 900000\r\n\r\n" + b" " * 890_000)
                while not writer.is_closing():
                    await writer.drain()
                    writer.write(b" ")
                    await asyncio.sleep(0.5)
            await asyncio.sleep(5)

    await asyncio.gather(*(drip(n) for n in range(BODIES)))


async def questions(server: str, wish: Wish) -> None:
    """Ask an observer's 150 slow questions at once, each as another page; then again."""
    calls = wish["calls"]
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=server, cookies=wish["cookies"], timeout=120, limits=limits
    ) as client:
        await _ask_again_and_again(client, calls)


async def writes(server: str, wish: Wish) -> None:
    """Make 40 changes at once; the database is locked, so they wait."""
    async with httpx.AsyncClient(base_url=server, cookies=wish["cookies"], timeout=120) as client:
        await _ask_again_and_again(client, wish["calls"])


async def _ask_again_and_again(client: httpx.AsyncClient, calls: Sequence[Wish]) -> None:
    while True:
        asked = (client.post(UPDATE, json=call) for call in calls)
        await asyncio.gather(*asked, return_exceptions=True)
        await asyncio.sleep(0.5)


KINDS: dict[str, Callable[[str, Wish], Coroutine[Any, Any, None]]] = {
    "headers": headers,
    "guesses": guesses,
    "bodies": bodies,
    "questions": questions,
    "writes": writes,
}


def main() -> None:
    """Attack until this process is ended."""
    kind, server, *_rest = sys.argv[1:]
    asyncio.run(KINDS[kind](server, json.loads(sys.stdin.read() or "{}")))


if __name__ == "__main__":
    main()
