"""HTTP for the world: its features, its base map, the map library, and the health check.

Every address is looked up by a known name; no part of one ever becomes a path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from threading import Lock

from cachetools import LRUCache
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from api.addresses import address_name
from api.files import HeldFile, answer
from layouts.feed.features import features
from models.access import NotAllowedError, asking
from models.rights.need_to_know import labels_in_use
from models.wording import _, spoken
from models.world import BASE_LAYER
from usecases.desk import Desk
from usecases.redaction import text_of
from usecases.seat import take_seat

#: most cached features, by view and language
_MOST_DRAWN = 32


class WorldFiles:
    """The features of the world and its base map, as the user of a request may see them.

    Features are drawn once for all users with the same view and language.
    """

    def __init__(self, desk: Desk, base: Mapping[str, HeldFile]) -> None:
        self._desk, self._base = desk, base
        self._drawn: LRUCache[tuple[str, str], HeldFile] = LRUCache(_MOST_DRAWN)
        self._lock = Lock()

    def base(self) -> Mapping[str, HeldFile]:
        """Return the layers of the base map, by name; raises NotAllowedError."""
        if asking().role == "nobody":
            raise NotAllowedError("Sign in first: open your invitation link again.")
        hidden = self._desk.seen(asking().clearance).layers
        return {name: file for name, file in self._base.items() if BASE_LAYER + name not in hidden}

    def features(self) -> HeldFile:
        """Return the features of the world; raises NotAllowedError."""
        seat = take_seat(self._desk)
        with self._lock:
            key = (seat.seen.clearance, spoken().code)
            if key not in self._drawn:
                drawn = features(seat.world, seat.labels, self._base_addresses())
                self._drawn[key] = HeldFile(_json(drawn), "application/json")
            return self._drawn[key]

    def features_address(self) -> str:
        """Return where :meth:`features` are; other features have another address."""
        return f"/api/worlds/{self._id}/features.json?v={self.features().version}"

    def _base_addresses(self) -> dict[str, str]:
        return {
            name: f"/api/worlds/{self._id}/base/{name}.geojson?v={file.version}"
            for name, file in self.base().items()
        }

    @property
    def _id(self) -> str:
        return address_name(self._desk.world.world_id)


def register(
    server: FastAPI, desk: Desk, files: WorldFiles, vendor: Mapping[str, HeldFile]
) -> None:
    """Connect the addresses of one world; ``vendor`` is known by file name."""
    world = desk.world
    # what only some may see is kept by their browser alone, by nothing between
    private = bool(labels_in_use(world))
    known_as = (world.world_id, address_name(world.world_id))

    @server.get("/api/worlds/{world_id}/features.json")
    async def world_features(request: Request, world_id: str) -> Response:
        if world_id not in known_as:
            return _unknown(
                f"No world '{world_id[:80]}' here. The world served is '{world.world_id}'."
            )
        try:
            return answer(request, files.features(), private=private)
        except NotAllowedError as error:
            return PlainTextResponse(text_of(error), status_code=403)

    @server.get("/api/worlds/{world_id}/base/{name}.geojson")
    async def base_map(request: Request, world_id: str, name: str) -> Response:
        try:
            base = files.base()
        except NotAllowedError as error:
            return PlainTextResponse(text_of(error), status_code=403)
        if world_id not in known_as or name not in base:
            return _unknown("No such base map. Known: " + ", ".join(sorted(base)))
        return answer(request, base[name], private=private)

    @server.get("/vendor/{name}")
    async def vendor_file(request: Request, name: str) -> Response:
        if name not in vendor:
            return _unknown(_("No such file."))
        return answer(request, vendor[name])

    async def health() -> Response:
        return JSONResponse({"status": "ok", **_which(desk)})

    server.add_api_route("/healthz", health)


def _which(desk: Desk) -> dict[str, str]:
    """Return which world it is to users who may see it, and its version if they see all of it."""
    user = asking()
    if not user.may_look:
        return {}
    sha256 = desk.seen(user.clearance).world.sha256
    return {"world": desk.world.world_id} | ({"sha256": sha256} if sha256 else {})


def register_nothing_else(server: FastAPI) -> None:
    """Answer every address without a route with a plain 404; register this last."""

    @server.get("/{path:path}")
    async def nothing(path: str) -> Response:
        return _unknown(_("Nothing here. The dashboard is at /."))


async def no_such_file(_request: Request, _error: Exception) -> Response:
    """Answer for a file that there is none of."""
    return _unknown(_("No such file."))


async def not_allowed(_request: Request, error: Exception) -> Response:
    """Answer a request for something that the user may not see or change."""
    text = text_of(error) if isinstance(error, NotAllowedError) else ""
    return JSONResponse({"error": text}, 403)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _unknown(text: str) -> Response:
    return PlainTextResponse(text, status_code=404)
