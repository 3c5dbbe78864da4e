"""The composition root: load the world, lay out the page, connect the callbacks, run."""

from __future__ import annotations

import asyncio
import errno
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import uvicorn
from dash import Dash
from dash.backends._fastapi import FastAPIDashServer
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

import callbacks
from api import door, guard, screenings, stream, worlds
from api.files import HeldFile
from callbacks.compute import Computer
from callbacks.desk import Desk
from callbacks.jobs import no_collecting
from callbacks.ports import LiveNotes, Parse, ReadyScenario, ScenarioStore
from callbacks.screening import Screenings
from callbacks.watching import Watching
from data import knowledge
from data.live import LiveNotes as NotesInDatabase
from data.scenarios import parse_scenario, read_scenario, ready_scenarios
from data.store import Store
from data.worlds import find_world, read_world
from layouts.page import page
from layouts.picture import features
from layouts.words import Labels, ServiceWords, readable
from models.cascade import warmup
from models.errors import BadInputError, KnockOnError
from models.scenario import Scenario
from models.world import World
from settings import ROOT, Settings, from_environment

#: the layers of the base map, each a file of the region's ``base`` folder
BASE_MAP = (
    "water",
    "green",
    "wood",
    "built",
    "waterways",
    "roads_minor",
    "roads_major",
    "rail",
    "places",
)
#: a connection that takes nothing for so long is dropped
DEAD_AFTER_MS = 60_000
_VENDOR = {"maplibre-gl.js": "text/javascript", "maplibre-gl.css": "text/css"}
_GEOJSON = "application/geo+json"


class _Server(FastAPIDashServer):
    """Dash's FastAPI backend without what we do not use: websocket callbacks, a catch-all page."""

    websocket_capability = False

    def _setup_catchall(self) -> None:
        """Leave unknown addresses to our own 404 instead of answering them with the page."""


def create_app(
    world: World,
    store: ScenarioStore,
    settings: Settings,
    *,
    parse: Parse = parse_scenario,
    labels: Labels | None = None,
    ready: Mapping[str, ReadyScenario] | None = None,
    base: Mapping[str, bytes] | None = None,
    notes: LiveNotes | None = None,
) -> Dash:
    """Put the application together; nothing is started yet.

    Parameters
    ----------
    world
        What is shown. Read once, never changed.
    store
        Where scenarios are kept.
    settings
        How this process runs; ``workers=0`` computes inside it.
    parse
        Reads a plain scenario for a world, or says what is wrong with it.
    labels, ready, base
        The page's words, the ready scenarios by name, the base map's files by name.
    notes
        Where web processes tell each other who is here; without them this one is alone.
    """
    words, held = labels or Labels(), _held_base(base or {})
    computer = Computer(world, words, settings.workers)
    desk = Desk(world, words, store, computer, parse, dict(ready or {}), notes)
    app = _dash(_fastapi(computer, desk, Scenario(world.world_id).to_dict()))
    drawn = HeldFile(
        _json(features(world, words, _base_addresses(world, held))), "application/json"
    )
    worlds.register(app.server, world, drawn, held, _vendor())
    app.layout = page(world, words, list(desk.ready.values()), _features_address(world, drawn))
    callbacks.register_all(app, desk)
    screenings.register(app.server, Screenings(desk))
    stream.register(app.server, Watching(desk))
    worlds.register_nothing_else(app.server)
    _protect(app, settings.host)
    return app


def _fastapi(computer: Computer, desk: Desk, empty: Mapping[str, Any]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(computer.warm_up(empty))
        yield
        starting.cancel()
        computer.close()

    # no pages about ourselves: they would load their scripts from elsewhere
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    server.state.end_streams = desk.live.close
    return server


def _dash(server: FastAPI) -> Dash:
    class Bound(_Server):
        @staticmethod
        def create_app(name: str = "", config: dict[str, Any] | None = None) -> FastAPI:
            return server

    app = Dash(
        "knock-on",
        backend=Bound,
        assets_folder=str(ROOT / "assets"),
        use_pages=False,
        pages_folder="",
        serve_locally=True,
        title="Knock-on",
        update_title="",
        enable_mcp=False,
        on_error=callbacks.say_what_went_wrong,
        external_scripts=["/vendor/maplibre-gl.js"],
        external_stylesheets=["/vendor/maplibre-gl.css"],
        meta_tags=[{"name": "color-scheme", "content": "light dark"}],
    )
    app.index_string = app.index_string.replace("<html>", '<html lang="en">')
    return app


def _protect(app: Dash, host: str) -> None:
    """Put the checks around everything; the last one added is the first one passed."""
    app.server.add_middleware(door.Door)
    app.server.add_middleware(guard.UpdateGuard, callback_map=app.callback_map)
    app.server.add_middleware(guard.BodyLimit)
    app.server.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.server.add_middleware(guard.HostGuard, bound_to=host)
    app.server.add_middleware(guard.Headers, headers=guard.security_headers(list(app.csp_hashes())))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _held_base(base: Mapping[str, bytes]) -> dict[str, HeldFile]:
    return {name: HeldFile(body, _GEOJSON) for name, body in base.items()}


def _base_addresses(world: World, held: Mapping[str, HeldFile]) -> dict[str, str]:
    return {
        name: f"/api/worlds/{world.world_id}/base/{name}.geojson?v={file.version}"
        for name, file in held.items()
    }


def _features_address(world: World, drawn: HeldFile) -> str:
    return f"/api/worlds/{world.world_id}/features.json?v={drawn.version}"


def _vendor() -> dict[str, HeldFile]:
    """Return the map library from where pip put it; importing its package is slow and noisy."""
    spec = find_spec("maplibre")
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise BadInputError(
            ["The package 'maplibre' is missing. Start with 'make run': it installs it."]
        )
    folder = Path(places[0]) / "srcjs"
    return {
        name: HeldFile((folder / name).read_bytes(), media_type)
        for name, media_type in _VENDOR.items()
    }


def _load(settings: Settings) -> Dash:
    """Read the world with all that belongs to it, and open the store."""
    folder = find_world(settings.world)
    with no_collecting():
        world = read_world(folder)
    store = Store(settings.database_url)
    return create_app(
        world,
        store,
        settings,
        notes=NotesInDatabase(store.database),
        parse=parse_scenario,
        labels=_labels(),
        ready=_ready(folder, world),
        base={
            name: (folder / "base" / f"{name}.geojson").read_bytes()
            for name in BASE_MAP
            if (folder / "base" / f"{name}.geojson").exists()
        },
    )


def _labels() -> Labels:
    """Return the page's words from the knowledge tables."""
    types, rules = knowledge.asset_types().values(), knowledge.rules()
    return Labels(
        services={
            one.service: ServiceWords(one.label, one.people_label, one.unit, one.people_panel)
            for one in knowledge.services().values()
        },
        sectors={one.display_sector: readable(one.display_sector) for one in types},
        types={one.asset_type: one.label for one in types},
        rules={rule.rule_id: rule.note for rule in rules},
        special_types=frozenset(one.asset_type for one in types if one.special_user),
        feeder_types=frozenset(one.asset_type for one in types if one.can_feed),
    )


def _ready(folder: Path, world: World) -> dict[str, ReadyScenario]:
    return {
        path.stem: ReadyScenario(path.stem, read_scenario(path, world).to_dict())
        for _, path in ready_scenarios(folder)
    }


def _check_address(settings: Settings) -> None:
    """Find out now, and in words, that the address cannot be used."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise BadInputError([_address_problem(settings, error)]) from None


def _address_problem(settings: Settings, error: OSError) -> str:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use. Stop what runs there, or set KNOCKON_PORT to another port."
    if error.errno == errno.EACCES:
        return f"{where} is not allowed for this user. Set KNOCKON_PORT to 1024 or above."
    return f"{where} cannot be used ({error.strerror}). Check KNOCKON_HOST and KNOCKON_PORT."


def _compile_once() -> None:
    """Compile the engine before anybody waits for it; what was compiled is kept beside it."""
    if any((ROOT / "models" / "cascade").glob("__pycache__/engine_kernels.*.nbi")):
        return
    print("Compiling the engine, once: about half a minute ...", flush=True)
    warmup.STEPS["the cascade engine"]()


def main() -> int:
    """Serve the chosen world; 2 and one clear line where that cannot be done."""
    try:
        settings = from_environment()
        _check_address(settings)
        app = _load(settings)
        _compile_once()
    except KnockOnError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"Knock-on is at http://{settings.host}:{settings.port}/  (stop with Ctrl-C)", flush=True)
    # uvicorn raises the signal again once it has stopped; leave by the door, so all is tidied up
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = uvicorn.Config(
        app.server,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    _Uvicorn(config, app.server.state.end_streams).run([_listening(config)])
    return 0


class _Uvicorn(uvicorn.Server):
    """The web server, which would wait for streams that never end."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then stop as usual."""
        self._end_streams()
        await super().shutdown(sockets)


def _listening(config: uvicorn.Config) -> socket.socket:
    """Return the socket to serve on; whoever takes nothing any more is cut off after a while.

    Else what waits to be sent to a laptop that was closed would be kept for good.
    """
    listening = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER_MS)
    return listening


if __name__ == "__main__":
    sys.exit(main())
