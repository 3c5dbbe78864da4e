"""Addresses that contain an id: characters with a meaning in addresses are escaped."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


def world_address(world_id: str) -> str:
    """Return the address of a world."""
    return f"/api/worlds/{address_name(world_id)}"


def address_name(thing_id: str) -> str:
    """Return an id as one part of an address; bytes other than letters and digits become ``~2f``.

    Percent-encoding does not work: servers decode it before they match a route. The result is
    unique per id.
    """
    if _PLAIN.fullmatch(thing_id):
        return thing_id
    return "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "_-") else _bytes(letter)
        for letter in thing_id
    )


def _bytes(letter: str) -> str:
    return "".join(f"~{byte:02x}" for byte in letter.encode("utf-8"))
