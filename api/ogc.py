"""OGC API Features (parts 1 to 3 and 5) for QGIS and other map programs, below ``/ogc``.

Assets, links, dependencies and cells of the world as its viewer may see them, and ``outcome``: the
assets with their state at an hour of a scenario.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from api.forms import problem
from layouts.feed.picture import unpacked
from models.access import NotAllowedError
from models.errors import BadInputError, KnockOnError
from models.wording import N_, _
from usecases.asking import picture
from usecases.desk import Desk
from usecases.knowledge.features import SOURCES, Collection, Features, outcome_collection, schema
from usecases.knowledge.selecting import (
    MAX_FILTER,
    MOST_FEATURES,
    USUAL_FEATURES,
    Selection,
    select,
)
from usecases.reading import current, last_changed
from usecases.redaction import text_of
from usecases.seat import Seat, take_seat

GEOJSON, JSON, SCHEMA = "application/geo+json", "application/json", "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OUTCOME = "outcome"
_SPEC = "http://www.opengis.net/spec"
CONFORMS = (
    *(f"{_SPEC}/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30")),
    *(f"{_SPEC}/ogcapi-features-3/1.0/conf/{name}"
      for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")),
    *(f"{_SPEC}/cql2/1.0/conf/{name}"
      for name in ("cql2-text", "basic-cql2", "basic-spatial-functions")),
    f"{_SPEC}/ogcapi-features-5/1.0/conf/schemas",
)  # fmt: skip
_QUERY = ("bbox", "bbox-crs", "crs", "limit", "offset", "filter", "filter-lang", "filter-crs",
          "datetime", "f")  # fmt: skip
_OF_OUTCOME = ("scenario", "at_h")
Answer = Mapping[str, Any]


def register(server: FastAPI, desk: Desk, public_address: str) -> None:
    """Connect the addresses.

    Parameters
    ----------
    server
        The server.
    desk
        The world, its scenarios and the computer.
    public_address
        Address of the server as others reach it; empty: as the request says.
    """
    ogc = _Ogc(desk, public_address)
    for path, answer in (
        ("", ogc.landing),
        ("/conformance", ogc.conformance),
        ("/api", ogc.description),
        ("/collections", ogc.collections),
        ("/collections/{name}", ogc.collection),
        ("/collections/{name}/schema", ogc.schema),
        ("/collections/{name}/queryables", ogc.queryables),
        ("/collections/{name}/items", ogc.items),
        ("/collections/{name}/items/{feature_id:path}", ogc.item),
    ):
        server.add_api_route(f"/ogc{path}", _guarded(answer), methods=["GET"])


def _guarded(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Return a route whose errors are this viewer's."""

    async def route(request: Request) -> Response:
        try:
            made = await answer(request)
        except NotAllowedError as error:
            return problem(text_of(error), 403)
        except BadInputError as error:
            return problem(text_of(error), 400)
        except KnockOnError as error:
            return problem(text_of(error), 409)
        return made if isinstance(made, Response) else JSONResponse(made, headers=_FRESH)

    return route


#: Each viewer has an answer of their own.
_FRESH = {"Cache-Control": "no-store"}


class _Ogc:
    """The answers, by address."""

    def __init__(self, desk: Desk, public_address: str) -> None:
        self._desk, self._public = desk, public_address
        self._features = Features()

    # --- what there is ---------------------------------------------------------------------

    async def landing(self, request: Request) -> Answer:
        seat = take_seat(self._desk)
        root = self._root(request)
        return {
            "title": seat.world.title,
            "description": _("The world as a graph of critical infrastructures."),
            "attribution": seat.world.attribution,
            "links": [
                _link(root, "self", JSON, _("This page")),
                _link(f"{root}/api", "service-desc", OPENAPI, "OpenAPI"),
                _link(f"{root}/conformance", "conformance", JSON, _("What is conformed to")),
                _link(f"{root}/collections", "data", JSON, _("Collections")),
            ],
        }

    async def conformance(self, request: Request) -> Answer:
        take_seat(self._desk)
        return {"conformsTo": list(CONFORMS)}

    async def description(self, request: Request) -> Response:
        seat = take_seat(self._desk)
        described = _openapi(seat.world.title, self._root(request))
        return Response(json.dumps(described), media_type=OPENAPI, headers=_FRESH)

    async def collections(self, request: Request) -> Answer:
        seat = take_seat(self._desk)
        root = self._root(request)
        return {
            "links": [_link(f"{root}/collections", "self", JSON, _("Collections"))],
            "collections": [self._described(seat, root, name) for name in (*SOURCES, OUTCOME)],
        }

    async def collection(self, request: Request) -> Answer | Response:
        seat, name = take_seat(self._desk), _known(request)
        return self._described(seat, self._root(request), name) if name else _nothing()

    async def schema(self, request: Request) -> Response:
        return self._schema(request, "schema")

    async def queryables(self, request: Request) -> Response:
        return self._schema(request, "queryables")

    def _schema(self, request: Request, kind: str) -> Response:
        take_seat(self._desk)
        name = _known(request)
        if not name:
            return _nothing()
        properties = {"geometry": {"format": "geometry-any", "x-ogc-role": "primary-geometry"}}
        described = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{self._root(request)}/collections/{name}/{kind}",
            "type": "object",
            "title": name,
            "properties": {**_properties(name), **properties},
            "additionalProperties": False,
        }
        return Response(json.dumps(described), media_type=SCHEMA, headers=_FRESH)

    def _described(self, seat: Seat, root: str, name: str) -> dict[str, Any]:
        here = f"{root}/collections/{name}"
        titled = SOURCES.get(name)
        box = seat.world.bbox or (-180.0, -90.0, 180.0, 90.0)
        title = _(titled.title) if titled else _("Outcome at an hour")
        about = titled.description if titled else _OUTCOME_IS
        return {
            "id": name,
            "title": title,
            "description": _(about),
            "itemType": "feature",
            "extent": {"spatial": {"bbox": [list(box)], "crs": CRS84}},
            "crs": [CRS84],
            "storageCrs": CRS84,
            "links": [
                _link(here, "self", JSON, title),
                _link(f"{here}/items", "items", GEOJSON, title),
                _link(f"{here}/schema", _REL + "schema", SCHEMA, _("Schema")),
                _link(f"{here}/queryables", _REL + "queryables", SCHEMA, _("Queryables")),
            ],
        }

    # --- features --------------------------------------------------------------------------

    async def items(self, request: Request) -> Response:
        seat, name = take_seat(self._desk), _known(request)
        if not name:
            return _nothing()
        wanted = _selection(request, name)
        collection = await self._collection(seat, request, name)
        page = await asyncio.to_thread(select, collection, wanted)
        here = f"{self._root(request)}/collections/{name}"
        links = [
            _link(_address(f"{here}/items", request, wanted.offset), "self", GEOJSON, name),
            _link(here, "collection", JSON, name),
        ]
        if wanted.offset + len(page.places) < page.matched and page.places:
            after = _address(f"{here}/items", request, wanted.offset + len(page.places))
            links.append(_link(after, "next", GEOJSON, name))
        head = {
            "type": "FeatureCollection",
            "numberMatched": page.matched,
            "numberReturned": len(page.places),
            "links": links,
        }
        texts = await asyncio.to_thread(lambda: collection.texts)
        listed = ",\n".join(texts[place] for place in page.places)
        body = f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [\n{listed}\n]}}'
        return _geojson(body)

    async def item(self, request: Request) -> Response:
        seat, name = take_seat(self._desk), _known(request)
        if not name:
            return _nothing()
        collection = await self._collection(seat, request, name)
        place = collection.by_id.get(request.path_params["feature_id"])
        if place is None:
            return _nothing()
        here = f"{self._root(request)}/collections/{name}"
        links = [
            _link(str(request.url), "self", GEOJSON, name),
            _link(here, "collection", JSON, name),
        ]
        return _geojson(json.dumps({**collection.features[place], "links": links}))

    async def _collection(self, seat: Seat, request: Request, name: str) -> Collection:
        if name != OUTCOME:
            return await asyncio.to_thread(self._features.of, seat.world, name)
        at_h = _number(request, "at_h", 0.0)
        saved = await current(
            seat, request.query_params.get("scenario") or await last_changed(seat)
        )
        drawn = unpacked(await picture(seat, saved))
        assets = await asyncio.to_thread(self._features.of, seat.world, "assets")
        states: Any = drawn["states"]
        return await asyncio.to_thread(outcome_collection, seat.world, assets, states, at_h)

    def _root(self, request: Request) -> str:
        return f"{self._public or str(request.base_url).rstrip('/')}/ogc"


# --- requests --------------------------------------------------------------------------------


def _selection(request: Request, name: str) -> Selection:
    """Return what a request selects.

    Raises
    ------
    BadInputError
        If a parameter is unknown, or cannot be read.
    """
    own = _properties(name)
    known = (*_QUERY, *(_OF_OUTCOME if name == OUTCOME else ()), *own)
    for parameter in request.query_params:
        if parameter not in known:
            raise BadInputError([_(_UNKNOWN).format(name=parameter[:60])])
    for parameter in ("crs", "bbox-crs", "filter-crs"):
        if request.query_params.get(parameter, CRS84) != CRS84:
            raise BadInputError([_(_OTHER_CRS).format(name=parameter, crs=CRS84)])
    if request.query_params.get("filter-lang", "cql2-text") != "cql2-text":
        raise BadInputError([_("filter-lang: only cql2-text is known.")])
    limit = _number(request, "limit", USUAL_FEATURES)
    offset = _number(request, "offset", 0)
    if limit < 1 or offset < 0 or not float(limit).is_integer() or not float(offset).is_integer():
        raise BadInputError([_("limit is a whole number from 1, offset one from 0.")])
    return Selection(
        bbox=_box(request.query_params.get("bbox")),
        equal={p: v for p, v in request.query_params.items() if p in own and p not in _OF_OUTCOME},
        cql2=request.query_params.get("filter"),
        offset=int(min(offset, 10**9)),
        limit=int(min(limit, MOST_FEATURES)),
    )


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:  # with heights
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(isfinite, numbers)) or numbers[1] > numbers[3]:
        raise BadInputError([_("bbox is west,south,east,north in degrees.")])
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _number(request: Request, name: str, otherwise: float) -> float:
    text = request.query_params.get(name)
    try:
        number = otherwise if text is None else float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise BadInputError([_("{name} is not a number.").format(name=name)])
    return number


def _known(request: Request) -> str | None:
    name = str(request.path_params["name"])
    return name if name in SOURCES or name == OUTCOME else None


def _properties(name: str) -> dict[str, Any]:
    if name != OUTCOME:
        return schema(name)
    shared = {k: v for k, v in schema("assets").items() if k in ("name", "asset_type", "sector")}
    own = {"state": "string", "level": "number", "at_h": "number"}
    return {**shared, **{column: {"title": column, "type": own[column]} for column in own}}


def _address(here: str, request: Request, offset: int) -> str:
    query = request.url.include_query_params(offset=offset).query
    return f"{here}?{query}"


# --- answers ---------------------------------------------------------------------------------

_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
_OUTCOME_IS = N_("Assets with their state at an hour (at_h) of a scenario (scenario=ID).")
_UNKNOWN = N_("'{name}' is no parameter of this collection.")
_OTHER_CRS = N_("{name}: only {crs} is known.")


def _link(address: str, rel: str, kind: str, title: str) -> dict[str, str]:
    return {"href": address, "rel": rel, "type": kind, "title": title}


def _geojson(body: str) -> Response:
    headers = {**_FRESH, "Content-Crs": f"<{CRS84}>"}
    return Response(body, media_type=GEOJSON, headers=headers)


def _nothing() -> Response:
    return problem(_("No such collection or feature."), 404)


def _openapi(title: str, root: str) -> dict[str, Any]:
    """Return the description from which map programs learn limits and parameters."""
    whole = {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "default": USUAL_FEATURES}
    query = {"limit": whole, "offset": {"type": "integer", "minimum": 0, "default": 0},
             "bbox": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
             "filter": {"type": "string", "maxLength": MAX_FILTER}}  # fmt: skip
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": described,
         "style": "form", "explode": False}
        for name, described in query.items()
    ]  # fmt: skip
    answers = {"200": {"description": "JSON"}, "400": {"description": "JSON"}}
    paths: dict[str, Any] = {
        path: {"get": {"responses": answers}} for path in ("/", "/conformance", "/collections")
    }
    for name in (*SOURCES, OUTCOME):
        paths[f"/collections/{name}/items"] = {
            "get": {"operationId": f"get_{name}", "parameters": parameters, "responses": answers}
        }
    info = {"title": title, "version": "1"}
    return {"openapi": "3.0.3", "info": info, "servers": [{"url": root}], "paths": paths}
