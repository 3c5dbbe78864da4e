"""The library as the user of a request sees it: the world served first, then those of people."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from models.access import LABELS
from models.worlds.entry import WorldEntry
from usecases.desk import Desk
from usecases.importing import people_of
from usecases.seat import Seat, take_seat
from usecases.threads import writing
from usecases.worlds.library import Library

Act = Literal["rename", "copy", "archive", "unarchive", "delete", "restore"]


@dataclass(frozen=True)
class Shelf:
    """The library behind a seat; blocking work runs in threads."""

    desk: Desk
    library: Library

    async def entries(self) -> dict[str, Any]:
        """Return the world that is served, and the entries that the user may see."""
        seat = take_seat(self.desk)
        entries = await asyncio.to_thread(self.library.entries, seat.who)
        return {"served": _served(seat), "worlds": [_shown(entry, seat) for entry in entries]}

    async def act(self, world_id: str, do: Act, title: str) -> dict[str, Any]:
        """Do something with an entry and return what became of it.

        Parameters
        ----------
        world_id
            The entry.
        do, title
            What to do; a new title to rename and to copy.

        Raises
        ------
        NotAllowedError, BadInputError
            If the user may not, or it is not possible.
        """
        seat = take_seat(self.desk)
        entry = await writing(self._act, world_id, do, title, seat)
        return _shown(entry, seat)

    async def history(self, world_id: str) -> list[dict[str, Any]]:
        """Return who did what to an entry, oldest first."""
        seat = take_seat(self.desk)
        lines = await asyncio.to_thread(self.library.history, world_id, seat.who)
        return [
            {"revision": line.number, "did": line.did, "author": line.author,
             "made_at": line.made_at, "title": line.state.title}
            for line in lines
        ]  # fmt: skip

    def _act(self, world_id: str, do: Act, title: str, seat: Seat) -> WorldEntry:
        if do == "rename":
            return self.library.rename(world_id, title, seat.who)
        if do == "copy":
            return self.library.copy(world_id, title, seat.who)
        acts = {
            "archive": self.library.archive,
            "unarchive": self.library.unarchive,
            "delete": self.library.delete,
            "restore": self.library.restore,
        }
        return acts[do](world_id, seat.who)


def _served(seat: Seat) -> dict[str, Any]:
    world = seat.world  # redacted: counts of what is hidden do not leave
    assets = sum(not asset.is_junction for asset in world.assets.values())
    people = people_of(world)
    return {"id": world.world_id, "title": world.title, "assets": assets, "people": people}


def _shown(entry: WorldEntry, seat: Seat) -> dict[str, Any]:
    is_own = entry.owner == seat.who.id
    # totals of the files tell that there are labelled rows: only who may see those gets them
    may_count = is_own or seat.who.may_see(LABELS[-1])
    return {
        "id": entry.id,
        "title": entry.state.title,
        "origin": entry.origin,
        "standing": entry.state.standing,
        "is_own": is_own,
        "assets": entry.assets if may_count else None,
        "people": entry.people if may_count else None,
        "revision": entry.revision,
        "changed": entry.changed,
    }
