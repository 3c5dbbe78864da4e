"""The composition root: load the world, lay out the page, connect callbacks and addresses, run."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # what is imported stays, yet the collector would go through it again and again; it is on again
    # once the world is read
    gc.disable()

from dash import Dash
from dash.exceptions import DependencyException, InvalidResourceError
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

import callbacks
from api import (
    door,
    exercises,
    guard,
    imports,
    language,
    leaving,
    library,
    limits,
    ogc,
    presence,
    public,
    screenings,
    scripts,
    serving,
    sharing,
    stream,
    worlds,
)
from api import knowledge as knowledge_graph
from api.files import HeldFile
from callbacks import frame
from data.cache.kernels import prepare_kernels
from data.documents.exercises import parse_exercise
from data.documents.ready import ready_documents
from data.documents.scenarios import parse_scenario, with_effects
from data.exchange.papers import Papers
from data.hazards.places import Places
from data.importers.upload_folder import UploadFolder
from data.knowledge import reader as knowledge
from data.languages import OFFERED, all_spoken
from data.ontology.describing import Graphs
from data.scripts import MEDIA_TYPES, map_library, page_modules
from data.store.accounts import Accounts
from data.store.database import Database
from data.store.exercises import ExerciseStore
from data.store.notes import LiveNotes as NotesInDatabase
from data.store.scenarios import Store
from data.store.sessions import Sessions
from data.store.worlds import WorldStore
from data.worlds.base_map import base_files
from data.worlds.bases import Bases
from data.worlds.reader import check_world, find_world
from labels import page_labels
from layouts.doors.doorway import doorway
from layouts.words import Labels
from models import warmup
from models.access import LOCAL_USER, asking
from models.errors import BadInputError, KnockOnError
from models.exercise.plan import Exercise
from models.rights.need_to_know import notes_on_labels
from models.scenario import Scenario
from models.wording import Language
from models.world import World
from settings import ROOT, Settings, from_environment, require_sign_in_for_others
from usecases.comparing import Comparing
from usecases.compute.computer import Computer
from usecases.compute.jobs import no_collecting
from usecases.desk import Desk
from usecases.exercise.curtain import Curtain
from usecases.exercise.papers import ExercisePapers
from usecases.exercise.plans import Exercises, Plans
from usecases.exercise.runs import Runs
from usecases.leaving import Leaving
from usecases.live.hub import Hub
from usecases.live.watching import Watching
from usecases.ports import (
    LiveNotes,
    Parse,
    Published,
    ReadyScenario,
    Strike,
    nothing_published,
)
from usecases.public import PublicMaps
from usecases.screening import Screenings
from usecases.sharing import Sharing, about
from usecases.sharing_ports import AccountStore, SessionStore
from usecases.uploads import Imports
from usecases.worlds.library import Library
from usecases.worlds.shelf import Shelf


@dataclass(frozen=True)
class Access:
    """The stores of sessions and accounts, on a server with sign-in."""

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
    strike: Strike = with_effects,
    fields_mark: Callable[[], str] = str,
) -> Dash:
    """Return the application, wired but not started.

    Parameters
    ----------
    world
        The world on show. Read once, never changed.
    store
        The store of scenarios.
    settings
        How this process runs; ``workers=0`` computes inside it.
    access
        The stores of sessions and accounts; required if the settings demand sign-in.
    parse
        Reads a plain scenario for a world, or raises its problems.
    labels, ready, base
        The page's words, the ready scenarios by name, the base map's files by name.
    ready_plans
        The ready exercises by name; plans and runs are stored beside the scenarios.
    notes
        Notes between web processes about who is here; None for a single process.
    file_notes
        Warnings about the world's files; shown to facilitators who may see everything.
    strike
        Finds what the hazards of a scenario hit.
    fields_mark
        Changes with the files that hazards read.
    """
    words = labels or Labels()
    known = all_spoken(pseudo=settings.pseudo_language)
    languages = {code: spoken.language for code, spoken in known.items()}
    texts = language.Texts({code: spoken.script for code, spoken in known.items()})
    papers = Papers(base or {})
    computer = Computer(
        world,
        words,
        settings.workers,
        papers=papers,
        languages=languages,
        strike=strike,
        fields_mark=fields_mark,
    )
    logs = ExerciseStore(store.database)
    hub = Hub(store, notes)
    shown = Curtain(logs), hub.made, tuple(file_notes)
    desk = Desk(world, words, store, computer, parse, dict(ready or {}), *shown)
    held = _held(base or {}, "application/geo+json")
    files = worlds.WorldFiles(desk, held)

    server = serving.new_server(
        partial(computer.warm_up, Scenario(world.world_id).to_dict()),
        computer.close,
        no_file=(DependencyException, InvalidResourceError),
    )
    server.state.live, server.state.file_notes = hub, desk.file_notes
    modules = scripts.PageModules(_held(page_modules(ROOT / "assets" / "page"), "text/javascript"))
    vendor = {name: HeldFile(body, MEDIA_TYPES[name]) for name, body in map_library().items()}
    own = frame.PageScripts(
        texts.address,
        modules.address("main.js"),
        modules.preloads(),
        f"/vendor/maplibre-gl.js?v={vendor['maplibre-gl.js'].version}",
        f"/vendor/maplibre-gl.css?v={vendor['maplibre-gl.css'].version}",
    )
    app = frame.dash_app(server, str(ROOT / "assets"), own)
    language.register(server, texts)
    scripts.register(server, modules)
    worlds.register(server, desk, files, vendor)
    frame.lay_out(app, desk, files.features_address)
    callbacks.register_all(app, desk)

    screenings.register(server, Screenings(desk))
    stream.register(server, Watching(desk, hub))
    var = settings.data_dir
    place = partial(UploadFolder, var / "uploads", var / "worlds", code=ROOT)
    imports.register(server, Imports(desk, place))
    bases = Bases(settings.data_dir / "library")
    library.register(server, Shelf(desk, Library(WorldStore(store.database), bases)))
    noted = access.sessions.note if settings.sign_in and access is not None else None
    leaving.register(server, Leaving(desk, noted), Comparing(desk))
    identify, published = _connect_sharing(
        server, desk, hub, settings, access, partial(_doorway, texts, modules)
    )
    public.register(
        server,
        PublicMaps(desk, knowledge.public_limits(), published),
        held,
        public.PublicScripts(texts.address, modules.address("doors/public.js")),
    )
    shared = Exercises(desk, logs, parse_exercise, dict(ready_plans or {}))
    runs = Runs(shared)
    ogc.register(server, desk, settings.public_url)
    knowledge_graph.register(server, desk, Graphs())
    exercises.register(server, world, shared, Plans(shared), runs, ExercisePapers(desk, runs))
    worlds.register_nothing_else(server)
    _protect(app, settings, identify, languages)
    return app


def _connect_sharing(
    server: FastAPI,
    desk: Desk,
    hub: Hub,
    settings: Settings,
    access: Access | None,
    page: Callable[[bool], str],
) -> tuple[door.Identify, Published]:
    """Connect signing in, if required; ``page`` makes the page for it.

    Return how to identify the user of a request, and which scenario's map a session publishes.
    """
    if not settings.sign_in:
        sharing.register_local(server, about(LOCAL_USER))
        return door.everybody_is_local, nothing_published
    if access is None:
        raise ValueError("sign-in needs to know who may come in")
    cookie = sharing.Cookie(settings.is_secure)
    shared = Sharing(desk, hub, access.sessions, access.accounts, settings.address, cookie.name)
    by_organisation = settings.oidc is not None
    sharing.register(server, shared, cookie, partial(page, by_organisation))
    if settings.oidc is not None:
        # imported here: its libraries are slow, and few installations use them
        from api import organisation

        organisation.register(server, settings.oidc, shared, cookie, settings.address)
    return shared.identify, shared.published


def _doorway(texts: language.Texts, modules: scripts.PageModules, by_organisation: bool) -> str:
    module = modules.address("doors/doorway.js")
    return doorway(texts.address(), module, organisation=by_organisation)


def _protect(
    app: Dash, settings: Settings, identify: door.Identify, languages: Mapping[str, Language]
) -> None:
    """Add the middlewares; a request passes the last one added first."""
    add = app.server.add_middleware
    add(guard.UpdateGuard, callback_map=app.callback_map)
    if settings.sign_in:
        add(limits.RateLimit, name=_who_changes, buckets=limits.Buckets(20, 200))
        add(door.Gate)
    add(door.Door, identify=identify)
    add(guard.OwnPages, public_url=settings.public_url)
    add(presence.Presences)
    add(guard.BodyLimit)
    if settings.sign_in:
        # all users of a room may share one address
        add(limits.RateLimit, name=limits.address_of, buckets=limits.Buckets(200, 3_000))
    add(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    add(guard.HostGuard, bound_to=settings.host, public_url=settings.public_url)
    # before all that refuses: a refusal is in the language of who reads it
    add(language.Speaks, languages=languages, offered=OFFERED, secure=settings.is_secure)
    headers = guard.security_headers(list(app.csp_hashes()), secure=settings.is_secure)
    add(guard.Headers, headers=headers)


def _who_changes(scope: Mapping[str, Any]) -> str | None:
    """Return the user whose limit a request counts for, if it changes or computes something."""
    return asking().id or None if scope["method"] != "GET" else None


def _held(files: Mapping[str, bytes], media_type: str) -> dict[str, HeldFile]:
    return {name: HeldFile(body, media_type) for name, body in files.items()}


def _load(settings: Settings) -> Dash:
    """Read the world with all that belongs to it, and open the store."""
    folder = folder_of(settings)
    print(f"Reading {settings.world} ...", flush=True)
    with no_collecting():
        world, problems, warnings = check_world(folder)
    if world is None:
        raise BadInputError(problems)
    ready, places = ready_documents(folder, world), Places.of(None, folder)
    database = Database(settings.database_url)
    return create_app(
        world,
        Store(database),
        settings,
        access=Access(Sessions(database), Accounts(database)) if settings.sign_in else None,
        notes=NotesInDatabase(database),
        parse=partial(parse_scenario, places=places),
        strike=partial(with_effects, places=places),
        fields_mark=places.fingerprint,
        labels=page_labels(),
        ready={n: ReadyScenario(n, scenario.to_dict()) for n, scenario in ready.scenarios.items()},
        base=base_files(folder),
        ready_plans=ready.exercises,
        file_notes=(*warnings, *ready.notes, *notes_on_labels(world)),
    )


def folder_of(settings: Settings) -> Path:
    """Return where the world's files are; ``library:ID`` is one that people brought."""
    kind, _, world_id = settings.world.partition(":")
    if kind != "library":
        return find_world(settings.world)
    with closing(Database(settings.database_url, create=False)) as database:
        entry = WorldStore(database).entry(world_id)
    if entry.state.standing != "open":
        text = (
            f"{settings.world}: this world is {entry.state.standing}. Restore it, or name another."
        )
        raise BadInputError([f"{settings.world}: {text}"])
    return Bases(settings.data_dir / "library").path(entry.base)


def _compile_once() -> None:
    """Compile the engine before a user waits for it; the code is cached on disk."""
    if prepare_kernels():
        return
    print("Compiling the engine, once: about half a minute ...", flush=True)
    warmup.STEPS["the cascade engine"]()


def _notes(settings: Settings) -> Iterator[str]:
    """Yield warnings about valid content that is probably unintended."""
    if settings.sign_in and not settings.is_secure and not settings.is_local:
        yield (
            "passwords and cookies travel unencrypted: put a proxy with TLS before this and set "
            "KNOCKON_PUBLIC_URL to its https address (docs/how-to/share.md)."
        )


def main() -> int:
    """Serve the chosen world; on an error, print one line and return 2."""
    try:
        settings = from_environment()
        require_sign_in_for_others(settings)
        serving.require_free(settings.host, settings.port)
        app = _load(settings)
        _compile_once()
    except KnockOnError as error:
        print(error, file=sys.stderr)
        return 2
    for note in (*_notes(settings), *app.server.state.file_notes):
        print(f"note: {note}", file=sys.stderr)
    print(f"Knock-on is at {settings.address}/  (stop with Ctrl-C)", flush=True)
    end_streams = app.server.state.live.close
    behind_proxy = bool(settings.public_url)
    serving.serve(app.server, settings.host, settings.port, end_streams, behind_proxy=behind_proxy)
    return 0


if __name__ == "__main__":
    # without this, every worker process would import this file, and all that it imports
    del __file__
    sys.exit(main())
