"""Hostile calls of all callbacks and routes: ``python -m tests.fuzz [bodies] [cases]``.

100,000 bodies for the callbacks (some for exercises), and so many cases for each route from its
OpenAPI, sound and not; the tests do fewer of the same. Nobody may get an answer of 500 or above,
a traceback, or the words for a fault of ours; who has no rights changes nothing that is kept.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import httpx
import schemathesis
from argon2 import PasswordHasher
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

from api.door import OPEN, is_open
from data.store.database import Base
from data.worlds.reader import read_world
from tests.conftest import SCENARIO, TABLES, WORLD
from tests.hostile import NEWEST, about_exercises, bodies, weighed
from tests.integration.people import House, Person
from tests.integration.test_app import UPDATE
from tests.integration.test_exercises import STORM

BODIES, CASES, BATCH = 100_000, 300, 1_000
#: a scenario that has more is emptied, or each call would take longer than the one before
MOST_EVENTS = 60
WITHOUT_RIGHTS = ("nobody", "observer")
#: what an answer has in it where something of ours failed
FAULTS = ("Traceback (most recent call last)", 'File "/', "Something went wrong on the server")
#: who leaves out what: it ends their visit or takes them elsewhere, as it should
_ENDS = {
    "/api/sign-out": {"observer", "participant", "leader", "another leader"},
    "/api/session/end": {"leader"},
    "/api/session/go": {"leader"},
    "/api/session": {"leader"},
}
#: its questions are those of ``news``, its refusals are in ``test_live.py``
_ENDLESS = "/api/stream"
_JSON = {"content-type": "application/json"}
_NEWEST = f'"{NEWEST}"'.encode()


class Stage:
    """An application on the tiny world with a session, and visitors with all kinds of rights."""

    def __init__(self, folder: Path) -> None:
        world = folder / "tiny"
        world.mkdir()
        for name, text in {"world.json": json.dumps(WORLD), **TABLES}.items():
            (world / name).write_text(text, encoding="utf-8")
        file = folder / "fuzz.db"
        self.house = House(read_world(world), f"sqlite:///{file}", SCENARIO)
        leader = self.house.leader(session="Storm")
        other = self.house.leader("Eve", session="Other")
        self.scenarios = [_begun(leader), _begun(other), "nowhere"]
        self._session = leader.me["session"]["id"]
        plan = leader.post("/api/exercises", plan=STORM).json()["id"]
        #: placeholder in the path of a route → kind of id
        self.known = {
            "/api/exercises/": plan,
            "/api/runs/": leader.post(f"/api/exercises/{plan}/runs").json()["id"],
            "/api/scenarios/": self.scenarios[0],
            "/public/": self._session,
        }
        self.visitors = {
            "nobody": self.house.person(),
            "observer": self.house.guest(leader, "observer", None, name="Ola"),
            "participant": self.house.guest(leader, sectors=("water",)),
            "leader": leader,
            "another leader": other,
        }
        self._watch = sqlite3.connect(file)

    def newest(self) -> int:
        """Return the revision that a page would show by now."""
        return self.house.store.revisions(self.scenarios)[self.scenarios[0]]

    def mend(self) -> None:
        """Bring the scenario back if it was put away, and to its beginnings if it has grown."""
        store = self.house.store.within(self._session)
        now = store.restore(self.scenarios[0])
        if len(now.plain["events"]) > MOST_EVENTS:
            store.write(now.id, store.get(now.id, 1).plain, now.revision)

    def version(self) -> int:
        """Return a number that is another one once anything was written."""
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def kept(self) -> dict[str, list[Any]]:
        """Return the whole database except the audit log and its count, which refusals add to."""
        with self.house.database.reading() as db:
            connection = db.connection()
            return {
                name: [tuple(row) for row in connection.execute(table.select())]
                for name, table in Base.metadata.tables.items()
                if name not in ("audit", "sequence")
            }

    def close(self) -> None:
        """Close the database."""
        self._watch.close()
        self.house.close()


def _begun(leader: Person) -> str:
    """Change the scenario that a leader sees, and return its id."""
    changed = leader.act(leader.open()["scenario"], do="fail", assets=["works"])
    return str(changed["scenario"]["id"])


@contextmanager
def stage() -> Iterator[Stage]:
    """Set the stage: rate limits are off, and password hashes are cheap."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("api.limits.Buckets.wait_s", lambda *_: 0.0),
        mock.patch("data.store.accounts._HASHER", PasswordHasher(time_cost=1, memory_cost=64)),
        mock.patch("data.store.logins._NOTED_EVERY", timedelta(days=1)),
    ):
        made = Stage(Path(folder))
        yield made
        made.close()


@contextmanager
def looked_at(
    made: Stage, name: str, path: str, parameters: object
) -> Iterator[list[httpx.Response]]:
    """Check the response that is put into the list, and that the database has not changed."""
    # a sign-in that fails is noted, and who took a file; else nothing by who has no rights
    standing = made.kept if path in OPEN or path == "/api/files" else made.version
    before, answers = standing() if name in WITHOUT_RIGHTS else None, list[httpx.Response]()
    yield answers
    (answer,) = answers
    assert answer.status_code < 500, (answer.status_code, answer.text, name, parameters)
    for words in FAULTS:
        assert words not in answer.text, (answer.text, name, parameters)
    if name in WITHOUT_RIGHTS:
        assert standing() == before, ("something was written", name, parameters)
    if name == "nobody":
        assert answer.status_code >= 300 or is_open(path), (answer.text, parameters)


# --- bodies ----------------------------------------------------------------------------------


def fuzz_bodies(made: Stage, number: int, first_seed: int = 0) -> Counter[str]:
    """Post so many bodies, most of them to callbacks; return how often which answer came."""
    counts: Counter[str] = Counter()
    with asyncio.Runner() as loop:
        clients = {name: _client(visitor) for name, visitor in made.visitors.items()}

        def send(request: tuple[str, tuple[str, bytes]]) -> None:
            name, (path, body) = request
            if counts.total() % 20 == 0:
                made.mend()
            body = body.replace(_NEWEST, str(made.newest()).encode())
            before = made.version()
            with looked_at(made, name, path, body) as answers:
                answers.append(loop.run(clients[name].post(path, content=body, headers=_JSON)))
            wrote = ", written" if made.version() != before else ""
            what = "callbacks" if path == UPDATE else "exercises"
            counts[f"{what}, {name}: {answers[0].status_code}{wrote}"] += 1

        for batch in range(0, number, BATCH):
            _each(_posts(made), min(BATCH, number - batch), first_seed + batch, send)
        for client in clients.values():
            loop.run(client.aclose())
    return counts


def _posts(made: Stage) -> st.SearchStrategy[tuple[str, tuple[str, bytes]]]:
    """Return who posts what where."""
    people = st.sampled_from([*made.visitors, "observer", "observer", "leader"])
    callbacks = bodies(made.house.app.callback_map, made.scenarios)
    to_callbacks = st.tuples(st.just(UPDATE), callbacks)
    plan, run = made.known["/api/exercises/"], made.known["/api/runs/"]
    to_exercises = about_exercises(plan, run, STORM)
    return st.tuples(people, weighed([to_callbacks] * 9 + [to_exercises]))


def _client(person: Person) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=person.app.server, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=person.base, cookies=person.cookies)


def _each(
    strategy: st.SearchStrategy[Any], number: int, start: int, do: Callable[[Any], None]
) -> None:
    """Do something with so many examples, the same ones for the same ``start``."""
    failed: list[AssertionError] = []

    @seed(start)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(strategy)
    def run(value: Any) -> None:
        try:
            do(value)
        except AssertionError as error:
            failed.append(error)
            raise

    try:
        run()
    except Exception:
        # a second try finds another state, so what counts is what was seen first
        if failed:
            raise failed[0] from None
        raise


# --- routes ----------------------------------------------------------------------------------


def fuzz_routes(made: Stage, cases: int, first_seed: int = 0) -> Counter[str]:
    """Let everybody ask each route what its OpenAPI allows, and what it does not."""
    counts: Counter[str] = Counter()
    schema = schemathesis.openapi.from_dict(made.house.app.server.openapi())
    numbers = itertools.count()
    for route in schema.get_all_operations():
        operation = route.ok()
        if operation.path == _ENDLESS:
            continue
        strategy = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        _each(strategy, cases, first_seed, lambda case: _sound(made, case, next(numbers), counts))
        with suppress(Unsatisfiable):  # where anything is allowed
            strategy = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
            if operation.body or operation.query:
                _each(strategy, cases, first_seed, lambda case: _ask(made, case, counts))
    return counts


def _sound(made: Stage, case: Any, number: int, counts: Counter[str]) -> None:
    """Send valid requests; every second one is about an existing thing."""
    if number % 2:
        _ask(made, case, counts)
        return
    for prefix, things in made.known.items():
        if case.operation.path.startswith(prefix + "{"):
            case.path_parameters[next(iter(case.path_parameters))] = things
    if isinstance(case.body, dict) and "scenario" in case.body:
        case.body |= {"scenario": made.scenarios[0], "rev": made.newest()}
    _ask(made, case, counts)


def _ask(made: Stage, case: Any, counts: Counter[str]) -> None:
    for name, visitor in made.visitors.items():
        if name in _ENDS.get(case.operation.path, ()):
            continue
        request = case.as_transport_kwargs(base_url=visitor.base)
        more = {part: request[part] for part in ("headers", "params", "json") if request.get(part)}
        if "data" in request:
            more["content"] = request["data"]
        with looked_at(made, name, urlsplit(request["url"]).path, request) as answers:
            answers.append(visitor.request(request["method"], request["url"], **more))
        checks = [not_a_server_error, *([negative_data_rejection] if name == "leader" else [])]
        case.validate_response(answers[0], checks=checks)
        counts[f"{case.method} {case.operation.path}: {answers[0].status_code}"] += 1


# --- the program -----------------------------------------------------------------------------


def main(number: int = BODIES, cases: int = CASES) -> None:
    """Do it all and say what came of it."""
    for what, fuzz, many in (
        ("bodies", fuzz_bodies, number),
        ("routes", fuzz_routes, cases),
    ):
        start = time.perf_counter()
        with stage() as made:
            counts = fuzz(made, many)
        print(f"{what}: {counts.total():,} calls in {time.perf_counter() - start:.0f} s, no fault")
        for answer, times in sorted(counts.items()):
            print(f"    {answer}  {times:,}")


if __name__ == "__main__":
    main(*(int(item) for item in sys.argv[1:3]))
