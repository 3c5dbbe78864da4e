"""The safe public map: whose scenario it is of, and who may look at it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable

from layouts.feed.payloads.public_map import PublicMap, PublicService
from models.access import LABELS
from models.errors import KnockOnError
from models.rights.public_map import Limits
from models.wording import _
from models.world import World
from usecases import asking, reading
from usecases.desk import Desk
from usecases.ports import Published, Saved
from usecases.seat import take_seat


class NoPublicMapError(KnockOnError):
    """There is no map under this name, or none that the viewer may see: the text is the same."""

    def __init__(self) -> None:
        super().__init__(_("There is no public map here. Ask for a new link."))


class PublicMaps:
    """The public maps of this server's sessions.

    Under the name of a session that published its map, it is public. Under the id of a scenario,
    users who may read the scenario see a preview.
    """

    def __init__(self, desk: Desk, limits: Limits, published: Published) -> None:
        self._desk, self._limits, self._published = desk, limits, published

    @property
    def world(self) -> World:
        """Return the public view of the world."""
        return self._desk.seen(LABELS[0]).world

    @property
    def shows_layer(self) -> Callable[[str], bool]:
        """Return the predicate that says whether a layer is public."""
        hidden = self._desk.seen(LABELS[0]).layers
        return lambda name: name not in hidden

    async def find(self, name: str) -> Saved:
        """Return the scenario that a map is of.

        Raises
        ------
        NoPublicMapError
            If there is none, or none that the viewer may see.
        """
        scenario_id = await self._published(name)
        try:
            if scenario_id is not None:
                of_session = self._desk.store.within(name)
                return await asyncio.to_thread(of_session.get, scenario_id)
            return await reading.current(take_seat(self._desk), name)
        except KnockOnError:
            raise NoPublicMapError from None

    async def payload(self, name: str) -> PublicMap:
        """Return the map; it is the same for all viewers."""
        saved = await self.find(name)
        if saved.plain.get("world") != self._desk.world.world_id:
            raise NoPublicMapError
        drawn = await asking.public_map(self._desk, saved, self._limits)
        labels = self._desk.labels
        order = {service: i for i, service in enumerate(labels.services)}
        services: list[PublicService] = [
            {
                **service,
                "label": labels.service(service["id"]),
                "without": labels.people_label(service["id"]),
            }
            for service in sorted(drawn["services"], key=lambda s: order.get(s["id"], len(order)))
        ]
        shown: PublicMap = {**drawn, "services": services, "revision": ""}
        # not that of the scenario, which also changes with what is not shown
        return {**shown, "revision": _digest(shown)}


def _digest(shown: PublicMap) -> str:
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]
