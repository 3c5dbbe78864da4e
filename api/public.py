"""HTTP for the safe public map: its page, its data, and the base map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from api.files import HeldFile, answer
from layouts.doors.public_page import public_page
from models.errors import KnockOnError
from models.wording import _, spoken
from models.world import BASE_LAYER
from usecases.public import PublicMaps
from usecases.redaction import text_of

_WHERE = "/public/{name}"


@dataclass(frozen=True, slots=True)
class PublicScripts:
    """Addresses of the page's scripts: texts in the language of the request, and module."""

    texts: Callable[[], str]
    module: str


def register(
    server: FastAPI, maps: PublicMaps, base: Mapping[str, HeldFile], scripts: PublicScripts
) -> None:
    """Connect the addresses; nothing else of a session is public."""

    def layers() -> dict[str, HeldFile]:
        return {n: file for n, file in base.items() if maps.shows_layer(BASE_LAYER + n)}

    @server.get(_WHERE)
    async def page(name: str) -> Response:
        try:
            await maps.find(name)
        except KnockOnError as error:
            return HTMLResponse(_nothing(text_of(error)), 404, headers=_FRESH)
        shown = public_page(maps.world, name, sorted(layers()), scripts.texts(), scripts.module)
        return HTMLResponse(shown, headers=_FRESH)

    @server.get(_WHERE + "/map.json")
    async def payload(name: str) -> Response:
        try:
            return JSONResponse(await maps.payload(name), headers=_FRESH)
        except KnockOnError as error:
            return JSONResponse({"error": text_of(error)}, 404, headers=_FRESH)

    @server.get(_WHERE + "/base/{layer}.geojson")
    async def base_map(request: Request, name: str, layer: str) -> Response:
        try:
            await maps.find(name)
        except KnockOnError as error:
            return JSONResponse({"error": text_of(error)}, 404, headers=_FRESH)
        if layer not in (paths := layers()):
            return JSONResponse({"error": _("No such layer.")}, 404, headers=_FRESH)
        return answer(request, paths[layer])


_FRESH = {"Cache-Control": "no-store"}


def _nothing(text: str) -> str:
    """Return a page without anything of ours in it but these words."""
    head = f'<!doctype html><html lang="{spoken().code}"><title>Knock-on</title>'
    return f"{head}<p>{text}</p></html>"
