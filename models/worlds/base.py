"""The base of a world: tables that never change."""

from __future__ import annotations

from dataclasses import dataclass

from models.world import World


@dataclass(frozen=True, slots=True)
class Base:
    """A base that was kept: SHA-256 of its files, and what was read from them."""

    sha256: str
    title: str
    assets: int
    world: World
