"""HTTP for the world: its features, its base map, the map library, and whether we are well.

Every address is looked up by a known name; no part of one ever becomes a path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from api.addresses import address_name
from api.files import HeldFile, answer
from models.access import NotAllowedError, asking
from models.rights.need_to_know import labels_in_use
from models.world import World


def register(
    server: FastAPI,
    world: World,
    features: Callable[[], HeldFile],
    base: Callable[[], Mapping[str, HeldFile]],
    vendor: Mapping[str, HeldFile],
) -> None:
    """Connect the addresses of one world; ``base`` and ``vendor`` are known by file name.

    ``features`` and ``base`` give what whoever asks may see, or raise a ``NotAllowedError``.
    """
    # what only some may see is kept by their browser alone, by nothing between
    private = bool(labels_in_use(world))
    known_as = (world.world_id, address_name(world.world_id))

    @server.get("/api/worlds/{asked}/features.json")
    async def world_features(request: Request, asked: str) -> Response:
        if asked not in known_as:
            return _unknown(
                f"No world '{asked[:80]}' here. The world served is '{world.world_id}'."
            )
        try:
            return answer(request, features(), private=private)
        except NotAllowedError as error:
            return PlainTextResponse(str(error), status_code=403)

    @server.get("/api/worlds/{asked}/base/{name}.geojson")
    async def base_map(request: Request, asked: str, name: str) -> Response:
        try:
            known = base()
        except NotAllowedError as error:
            return PlainTextResponse(str(error), status_code=403)
        if asked not in known_as or name not in known:
            return _unknown("No such base map. Known: " + ", ".join(sorted(known)))
        return answer(request, known[name], private=private)

    @server.get("/vendor/{name}")
    async def vendor_file(request: Request, name: str) -> Response:
        if name not in vendor:
            return _unknown("No such file.")
        return answer(request, vendor[name])

    async def health() -> Response:
        # what is shown is told to those who may look at it
        shown = {"world": world.world_id, "sha256": world.sha256} if asking().may_look else {}
        return JSONResponse({"status": "ok", **shown})

    server.add_api_route("/healthz", health)


def register_nothing_else(server: FastAPI) -> None:
    """Answer every address that nobody else took with a plain 404; register this last."""

    @server.get("/{path:path}")
    async def nothing(path: str) -> Response:
        return _unknown("Nothing here. The dashboard is at /.")


async def no_such_file(_: Request, __: Exception) -> Response:
    """Answer for a file that there is none of."""
    return _unknown("No such file.")


async def not_allowed(_: Request, error: Exception) -> Response:
    """Answer somebody who asks for what they may not see or change."""
    return JSONResponse({"error": str(error)}, 403)


def _unknown(text: str) -> Response:
    return PlainTextResponse(text, status_code=404)
