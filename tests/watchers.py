"""A store of one scenario and those who watch it, without a world: for the live view alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from models.access import Who
from usecases.ports import Saved, Unsaved


@dataclass
class Source:
    """A store of one scenario that changes whenever ``rev`` is set."""

    rev: int = 1

    def revisions(self, ids: Collection[str]) -> dict[str, int]:
        """Return the newest revision."""
        return dict.fromkeys(ids, self.rev)

    def watcher(self, number: int) -> FakeWatcher:
        """Return a watcher for tests."""
        return FakeWatcher(self, Who(f"p{number}", "", "facilitator", None, "RED"))


@dataclass(frozen=True)
class FakeWatcher:
    """Somebody who sees everything (:class:`usecases.live.watcher.Watcher`)."""

    source: Source
    who: Who
    sight: str = "RED"
    is_whole: bool = True

    def sees(self, asset_id: str) -> bool:
        """Return whether the watcher may see an asset."""
        return True

    async def current(self, scenario_id: str) -> Saved:
        """Return the newest revision."""
        events = [{"at_h": self.source.rev % 24, "do": "fail", "asset": "a"}]
        return Unsaved({"world": "day", "events": events}, "day", self.source.rev)

    def payload(self, saved: Saved) -> dict[str, Any]:
        """Return what a page's store holds."""
        return {"id": saved.id, "rev": saved.revision, "title": "", "plain": saved.plain}

    async def held_back_h(self, scenario_id: str) -> None:
        """Return that nothing is held back."""

    async def log(self, scenario_id: str, after: int) -> list[Any]:
        """Return no lines."""
        return []

    async def picture(self, saved: Saved) -> dict[str, Any]:
        """Return a small picture that differs from revision to revision."""
        t = saved.revision % 1_000
        states = {"t": [t], "s": [3], "d": [-1], "l": [0], "v": [0], "a": [t % 40]}
        losses = {"t": [t], "a": [t % 40], "kind": ["direct"], "state": [3], "text": ["hit"]}
        return {
            "states": states,
            "links": {"t": [], "k": [], "s": []},
            "losses": losses | {"people_total": [5]},
            "people": [],
            "marks": [],
            "deadlocks": [],
            "summary": {"direct": t},
            "lacking": [],
            "at_least": None,
            "groups": [],
            "spill": None,
            "cells": {"t": [], "c": [], "s": [], "n": []},
            "horizon_ms": 1_000,
        }
