"""The composition root: load the world, lay out the page, connect the callbacks, run."""

from __future__ import annotations

import asyncio
import errno
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import uvicorn
from dash import Dash, html
from dash.backends._fastapi import FastAPIDashServer
from dash.development.base_component import Component
from dash.exceptions import DependencyException, InvalidResourceError
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.gzip import GZipMiddleware

import callbacks
from api import (
    door,
    exercises,
    forms,
    guard,
    language,
    leaving,
    limits,
    public,
    screenings,
    sharing,
    stream,
    worlds,
)
from api import scripts as page_scripts
from api.addresses import world_address
from api.files import HeldFile
from data.cache.kernels import prepare_kernels
from data.documents.exercises import parse_exercise
from data.documents.ready import ready_documents
from data.documents.scenarios import parse_scenario
from data.exchange.papers import Papers
from data.knowledge import reader as knowledge
from data.languages import OFFERED, Spoken, all_spoken
from data.store.accounts import Accounts
from data.store.database import Database
from data.store.exercises import ExerciseStore
from data.store.notes import LiveNotes as NotesInDatabase
from data.store.scenarios import Store
from data.store.sessions import Sessions
from data.worlds.base_map import base_files
from data.worlds.reader import check_world, find_world
from labels import page_labels
from layouts.doors.doorway import doorway
from layouts.feed.features import features
from layouts.page import page
from layouts.words import Labels
from models import warmup
from models.access import LOCAL_USER, NotAllowedError, as_asked_by, asking
from models.errors import BadInputError, KnockOnError
from models.exercise.plan import Exercise
from models.scenario import Scenario
from models.wording import spoken
from models.world import BASE_LAYER, World
from settings import ROOT, Settings, from_environment, require_sign_in_for_others
from usecases.comparing import Comparing
from usecases.compute.computer import Computer
from usecases.compute.jobs import no_collecting
from usecases.desk import Desk
from usecases.exercise.papers import ExercisePapers
from usecases.exercise.plans import Exercises, Plans
from usecases.exercise.runs import Curtain, Runs
from usecases.leaving import Leaving
from usecases.live.watching import Watching
from usecases.ports import (
    AccountStore,
    LiveNotes,
    Parse,
    Published,
    ReadyScenario,
    SessionStore,
    nothing_published,
)
from usecases.public import PublicMaps
from usecases.screening import Screenings
from usecases.sharing import Sharing, about

#: a connection that takes nothing for so long is dropped
DEAD_AFTER_MS = 60_000
_VENDOR = {"maplibre-gl.js": "text/javascript", "maplibre-gl.css": "text/css"}
_GEOJSON = "application/geo+json"


class _Server(FastAPIDashServer):
    """Dash's FastAPI backend without what we do not use: websocket callbacks, a catch-all page."""

    websocket_capability = False

    def _setup_catchall(self) -> None:
        """Leave unknown addresses to our own 404 instead of answering them with the page."""


@dataclass(frozen=True)
class Access:
    """Who may come in, where people sign in: what is kept of sessions and of accounts."""

    sessions: SessionStore
    accounts: AccountStore


def create_app(
    world: World,
    store: Store,
    settings: Settings,
    *,
    access: Access | None = None,
    parse: Parse = parse_scenario,
    labels: Labels | None = None,
    ready: Mapping[str, ReadyScenario] | None = None,
    base: Mapping[str, bytes] | None = None,
    ready_plans: Mapping[str, Exercise] | None = None,
    notes: LiveNotes | None = None,
    file_notes: Sequence[str] = (),
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
    access
        Who may come in; must be given where the settings ask for sign-in.
    parse
        Reads a plain scenario for a world, or says what is wrong with it.
    labels, ready, base
        The page's words, the ready scenarios by name, the base map's files by name.
    ready_plans
        The ready exercises by name; plans and runs are kept beside the scenarios.
    notes
        Where web processes tell each other who is here; without them this one is alone.
    file_notes
        What is odd about the world's files; shown to those who lead and may see everything.
    """
    words, held = labels or Labels(), _held_base(base or {})
    said = _Said(all_spoken(pseudo=settings.pseudo_language))
    computer = Computer(
        world, words, settings.workers, papers=Papers(base or {}), languages=said.languages
    )
    logs = ExerciseStore(store.database)
    desk = Desk(
        world,
        words,
        store,
        computer,
        parse,
        dict(ready or {}),
        Curtain(logs),
        notes,
        tuple(file_notes),
    )
    app = _dash(_fastapi(computer, desk, Scenario(world.world_id).to_dict()), said)
    app.server.state.file_notes = tuple(file_notes)
    told = _Told(desk, held)
    language.register(app.server, said.scripts)
    page_scripts.register(app.server, said.page)
    worlds.register(app.server, world, told.features, told.base, _vendor())
    with as_asked_by(LOCAL_USER):  # Dash looks at it once, before anybody asks
        app.layout = told.page
    # Dash would send that first look to everybody, inside the page's frame
    app.validation_layout = None
    callbacks.register_all(app, desk)
    screenings.register(app.server, Screenings(desk))
    stream.register(app.server, Watching(desk))
    noted = access.sessions.note if settings.sign_in and access is not None else None
    leaving.register(app.server, Leaving(desk, noted), Comparing(desk))
    identify, published = _connect_sharing(app.server, desk, settings, access, said)
    public.register(
        app.server,
        PublicMaps(desk, knowledge.public_limits(), published),
        held,
        public.Scripts(said.address, said.page.address("doors/public.js")),
    )
    shared = Exercises(desk, logs, parse_exercise, dict(ready_plans or {}))
    runs = Runs(shared)
    exercises.register(app.server, world, shared, Plans(shared), runs, ExercisePapers(desk, runs))
    worlds.register_nothing_else(app.server)
    _protect(app, settings, identify, said)
    return app


def _connect_sharing(
    server: FastAPI, desk: Desk, settings: Settings, access: Access | None, said: _Said
) -> tuple[door.Identify, Published]:
    """Connect signing in, where people have to.

    Return how to find out who asks, and which scenario's map a session shows to everybody.
    """
    if not settings.sign_in:
        sharing.register_local(server, about(LOCAL_USER))
        return door.everybody_is_local, nothing_published
    if access is None:
        raise ValueError("sign-in needs to know who may come in")
    cookie = sharing.Cookie(settings.is_secure)
    shared = Sharing(desk, access.sessions, access.accounts, settings.address, cookie.name)
    by_organisation = settings.oidc is not None
    sharing.register(
        server,
        shared,
        cookie,
        lambda: doorway(
            said.address(),
            said.page.address("doors/doorway.js"),
            organisation=by_organisation,
        ),
    )
    if settings.oidc is not None:
        # imported here: its libraries are slow, and few have such a sign-in
        from api import organisation

        organisation.register(server, settings.oidc, shared, cookie, settings.address)
    return shared.identify, shared.published


class _Said:
    """What the application can be asked to speak, the scripts that tell the page, and its own."""

    def __init__(self, known: Mapping[str, Spoken]) -> None:
        self.languages = {code: one.language for code, one in known.items()}
        self.scripts = {
            code: HeldFile(one.script, "text/javascript") for code, one in known.items()
        }
        self.page = page_scripts.Scripts(_page_files())

    def address(self) -> str:
        """Return where the script of the language is that is spoken."""
        return language.words_address(self.scripts, spoken())


class _Told:
    """What is made once for all who see the same: the features of the world, and the page."""

    def __init__(self, desk: Desk, base: Mapping[str, HeldFile]) -> None:
        self._desk, self._base = desk, base
        self._features: dict[tuple[str, str], HeldFile] = {}
        self._lock = Lock()

    def base(self) -> Mapping[str, HeldFile]:
        """Return the layers of the base map that whoever asks may see."""
        if asking().role == "nobody":
            raise NotAllowedError("Sign in first: open your invitation link again.")
        hidden = self._desk.seen(asking().clearance).layers
        return {name: file for name, file in self._base.items() if BASE_LAYER + name not in hidden}

    def features(self) -> HeldFile:
        """Return the features of what whoever asks may see."""
        seat = self._desk.seat()
        with self._lock:
            key = (seat.seen.clearance, spoken().code)
            if key not in self._features:
                addresses = _base_addresses(self._desk.world, self.base())
                drawn = _json(features(seat.world, seat.labels, addresses))
                self._features[key] = HeldFile(drawn, "application/json")
            return self._features[key]

    def page(self) -> Component:
        """Return the page of whoever asks; for nobody it is empty."""
        try:
            seat = self._desk.seat()
        except NotAllowedError as error:
            return html.P(str(error))
        address = _features_address(seat.world, self.features())
        ready = list(seat.ready.values())
        return page(seat.world, seat.labels, ready, address, self._desk.notes_on_files())


def _fastapi(computer: Computer, desk: Desk, empty: Mapping[str, Any]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(computer.warm_up(empty))
        yield
        starting.cancel()
        computer.close()

    # no pages about ourselves: they would load their scripts from elsewhere
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    server.state.live = desk.live
    # Dash lets these fall through where somebody asks for a file of a package that is not ours
    for unknown in (DependencyException, InvalidResourceError):
        server.add_exception_handler(unknown, worlds.no_such_file)
    server.add_exception_handler(NotAllowedError, worlds.not_allowed)
    server.add_exception_handler(RequestValidationError, forms.unreadable)
    return server


class _Page(Dash):
    """The page's frame, which says its language and loads what its scripts say before them."""

    said: _Said

    def interpolate_index(self, *parts: Any, **named: Any) -> str:
        """Return the frame in the language that is spoken."""
        frame: str = super().interpolate_index(*parts, **named)  # type: ignore[no-untyped-call]
        words = f'<script src="{self.said.address()}"></script>{self.said.page.preloads()}'
        frame = frame.replace("<html>", f'<html lang="{spoken().code}">', 1)
        return frame.replace("</head>", f"{words}</head>", 1)


def _dash(server: FastAPI, said: _Said) -> Dash:
    class Bound(_Server):
        @staticmethod
        def create_app(name: str = "", config: dict[str, Any] | None = None) -> FastAPI:
            return server

    app = _Page(
        "knock-on",
        backend=Bound,
        assets_folder=str(ROOT / "assets"),
        assets_path_ignore=["^public$", "^doorway$", "^page$"],
        use_pages=False,
        pages_folder="",
        serve_locally=True,
        title="Knock-on",
        update_title="",
        enable_mcp=False,
        on_error=callbacks.say_what_went_wrong,
        external_scripts=[
            "/vendor/maplibre-gl.js",
            {"src": said.page.address("main.js"), "type": "module"},
        ],
        external_stylesheets=["/vendor/maplibre-gl.css"],
        meta_tags=[{"name": "color-scheme", "content": "light dark"}],
    )
    app.said = said
    return app


def _protect(app: Dash, settings: Settings, identify: door.Identify, said: _Said) -> None:
    """Put the checks around everything; the last one added is the first one passed."""
    add = app.server.add_middleware
    add(guard.UpdateGuard, callback_map=app.callback_map)
    if settings.sign_in:
        add(limits.RateLimit, name=_who_changes, buckets=limits.Buckets(20, 200))
        add(door.Gate)
    add(door.Door, identify=identify)
    add(guard.OwnPages, public_url=settings.public_url)
    add(guard.BodyLimit)
    if settings.sign_in:
        # a whole room may come from behind one address
        add(limits.RateLimit, name=limits.address_of, buckets=limits.Buckets(200, 3_000))
    add(language.Speaks, languages=said.languages, offered=OFFERED, secure=settings.is_secure)
    add(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    add(guard.HostGuard, bound_to=settings.host, public_url=settings.public_url)
    headers = guard.security_headers(list(app.csp_hashes()), secure=settings.is_secure)
    add(guard.Headers, headers=headers)


def _who_changes(scope: Mapping[str, Any]) -> str | None:
    """Return whose bucket a request takes from: those that change or compute something."""
    return asking().id or None if scope["method"] != "GET" else None


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _held_base(base: Mapping[str, bytes]) -> dict[str, HeldFile]:
    return {name: HeldFile(body, _GEOJSON) for name, body in base.items()}


def _base_addresses(world: World, held: Mapping[str, HeldFile]) -> dict[str, str]:
    return {
        name: f"{world_address(world.world_id)}/base/{name}.geojson?v={file.version}"
        for name, file in held.items()
    }


def _features_address(world: World, drawn: HeldFile) -> str:
    return f"{world_address(world.world_id)}/features.json?v={drawn.version}"


def _page_files() -> dict[str, HeldFile]:
    """Return the page's own modules by their names under ``assets/page``."""
    folder = ROOT / "assets" / "page"
    return {
        path.relative_to(folder).as_posix(): HeldFile(path.read_bytes(), "text/javascript")
        for path in folder.rglob("*.js")
    }


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
        world, problems, warnings = check_world(folder)
    if world is None:
        raise BadInputError(problems)
    ready = ready_documents(folder, world)
    database = Database(settings.database_url)
    return create_app(
        world,
        Store(database),
        settings,
        access=Access(Sessions(database), Accounts(database)) if settings.sign_in else None,
        notes=NotesInDatabase(database),
        parse=parse_scenario,
        labels=page_labels(),
        ready={n: ReadyScenario(n, one.to_dict()) for n, one in ready.scenarios.items()},
        base=base_files(folder),
        ready_plans=ready.exercises,
        file_notes=(*warnings, *ready.notes),
    )


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
    if prepare_kernels():
        return
    print("Compiling the engine, once: about half a minute ...", flush=True)
    warmup.STEPS["the cascade engine"]()


def _notes(settings: Settings) -> Iterator[str]:
    """Yield what is allowed and yet may not be meant."""
    if settings.sign_in and not settings.is_secure and not settings.is_local:
        yield (
            "passwords and cookies travel unencrypted: put a proxy with TLS before this and set "
            "KNOCKON_PUBLIC_URL to its https address (docs/how-to/share.md)."
        )


def main() -> int:
    """Serve the chosen world; 2 and one clear line where that cannot be done."""
    try:
        settings = from_environment()
        require_sign_in_for_others(settings)
        _check_address(settings)
        app = _load(settings)
        _compile_once()
    except KnockOnError as error:
        print(error, file=sys.stderr)
        return 2
    for note in (*_notes(settings), *app.server.state.file_notes):
        print(f"note: {note}", file=sys.stderr)
    print(f"Knock-on is at {settings.address}/  (stop with Ctrl-C)", flush=True)
    # uvicorn raises the signal again once it has stopped; leave by the door, so all is tidied up
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = uvicorn.Config(
        app.server,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
        # who a proxy on this machine says that it asks for; nobody else is believed
        proxy_headers=bool(settings.public_url),
    )
    _Uvicorn(config, app.server.state.live.close).run([_listening(config)])
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
