"""Nothing acknowledged is lost: writers killed amid their edits, two editors at once.

``python -m benchmarks.durability`` does 20 kills of 1,000 edits and 10,000 interleavings on SQLite
and on a PostgreSQL of its own; the tests do fewer of the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from benchmarks.table import Row, print_table
from data.store.database import ChangeRow, Database
from data.store.revisions import Stored
from data.store.scenarios import Store
from models.revisions import StaleRevisionError
from settings import ROOT
from tests.postgres import Cluster

# --- kill -9 ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Kills:
    """What became of the edits of killed writers."""

    acknowledged: int = 0
    killed: int = 0
    lost: int = 0
    torn: int = 0
    unasked: int = 0


def kills(url: str, rounds: int, edits: int, seed: int = 1) -> Kills:
    """Let a process make ``edits`` edits, ``rounds`` times, killing it once amid each.

    A killed writer is started again and makes the rest. An edit counts as acknowledged once the
    writer has said so, after the store returned. ``lost``: acknowledged, and not in the log at the
    revision told. ``torn``: in the log, but not as it was written. ``unasked``: in the log though
    never acknowledged, beyond the one that each kill may leave.
    """
    counts, chance = Kills(), random.Random(seed)
    for _ in range(rounds):
        with closing(Store(url)) as store:
            name = store.create("w", "", _edit(0)).id
        first, killed = _written(url, name, 1, edits, kill_after=chance.randrange(edits))
        rest, _ = _written(url, name, len(first) + 1, edits, kill_after=None)
        counts.acknowledged += len(first) + len(rest)
        counts.killed += killed
        _compare(counts, url, name, first | rest)
    return counts


def _edit(number: int) -> dict[str, object]:
    """Return a scenario that shows by itself whether it is whole."""
    body = f"{number} " * 400
    return {"edit": number, "body": body, "sha256": hashlib.sha256(body.encode()).hexdigest()}


def _whole(text: str) -> bool:
    try:
        plain = json.loads(text)
        return plain == _edit(plain["edit"])
    except (ValueError, KeyError, TypeError):
        return False


def _written(
    url: str, name: str, first: int, last: int, kill_after: int | None
) -> tuple[dict[int, int], bool]:
    """Return what a writer acknowledged, edit → revision, and whether it was killed."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.durability", f"--write={name}:{first}:{last}"],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "KNOCKON_DATABASE_URL": url},
    )
    acknowledged: dict[int, int] = {}
    assert writer.stdout is not None
    with writer.stdout:
        for line in writer.stdout:
            if not line.endswith(b"\n"):
                break
            edit, revision = map(int, line.split())
            acknowledged[edit] = revision
            if kill_after is not None and len(acknowledged) > kill_after:
                # somewhere in what follows: a commit takes some milliseconds
                threading.Timer(kill_after % 20 / 1000, writer.kill).start()
                kill_after = None
    ended = writer.wait()
    if ended not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the writer ended with {ended}")
    return acknowledged, ended == -signal.SIGKILL


def _write(name: str, first: int, last: int) -> None:
    """Be the writer: say each edit once it is confirmed."""
    store = Store(os.environ["KNOCKON_DATABASE_URL"])
    revision = store.get(name).revision
    for number in range(first, last + 1):
        revision = store.write(name, _edit(number), revision, f"edit {number}").revision
        os.write(1, f"{number} {revision}\n".encode())


def _compare(counts: Kills, url: str, name: str, acknowledged: dict[int, int]) -> None:
    log = select(ChangeRow.revision, ChangeRow.plain).filter_by(scenario_id=name)
    with closing(Database(url)) as database, database.reading() as session:
        texts = {row.revision: row.plain for row in session.execute(log)}
    counts.torn += sum(not _whole(text) for text in texts.values())
    counts.torn += sorted(texts) != list(range(1, len(texts) + 1))
    counts.lost += sum(
        texts.get(revision) != json.dumps(_edit(edit), separators=(",", ":"))
        for edit, revision in acknowledged.items()
    )
    # the first line is the scenario's; a kill between commit and acknowledgement leaves one more
    counts.unasked += max(0, len(texts) - 1 - len(acknowledged) - 1)


# --- two editors -----------------------------------------------------------------------------


@dataclass(slots=True)
class Interleavings:
    """What became of the edits of two editors."""

    acknowledged: int = 0
    refused: int = 0
    lost: int = 0


@dataclass(slots=True)
class _Editor:
    """Reads, then writes one more entry; reads again where it was refused."""

    store: Store
    author: str
    scenario_id: str
    left: int
    seen: Stored | None = None
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0

    def step(self) -> None:
        if self.seen is None:
            self.seen = self.store.get(self.scenario_id, author=self.author)
            return
        entry = f"{self.author} {self.left}"
        entries = [*self.seen.plain["entries"], entry]
        base, self.seen = self.seen.revision, None
        try:
            self.store.write(self.scenario_id, {"entries": entries}, base, author=self.author)
        except StaleRevisionError:
            self.refused += 1
            return
        self.acknowledged.append(entry)
        self.left -= 1


def interleavings(url: str, times: int, edits: int = 2, seed: int = 1) -> Interleavings:
    """Run two editors, each with its own connections, alternating at random or concurrently.

    ``lost``: an acknowledged entry that is not there in the end, or not once.
    """
    counts, chance = Interleavings(), random.Random(seed)
    with closing(Store(url)) as one, closing(Store(url)) as two, ThreadPoolExecutor(2) as threads:
        for _ in range(times):
            name = one.create("w", "", {"entries": []}).id
            editors = [_Editor(one, "A", name, edits), _Editor(two, "B", name, edits)]
            while busy := [editor for editor in editors if editor.left]:
                going = busy if chance.random() < 0.4 else [chance.choice(busy)]
                list(threads.map(_Editor.step, going))
            entries = one.get(name).plain["entries"]
            acknowledged = [entry for editor in editors for entry in editor.acknowledged]
            counts.acknowledged += len(acknowledged)
            counts.refused += sum(editor.refused for editor in editors)
            counts.lost += sorted(entries) != sorted(acknowledged)
    return counts


# --- the program -----------------------------------------------------------------------------


def rows(rounds: int = 20, edits: int = 1_000, times: int = 10_000) -> Iterator[Row]:
    """Measure on both databases."""
    for kind, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        try:
            with database() as url:
                yield from _rows(kind, url, rounds, edits, times)
        except FileNotFoundError as error:
            yield Row(f"{kind}: killed writers, two editors", "not measured", "0", str(error))


def _rows(kind: str, url: str, rounds: int, edits: int, times: int) -> Iterator[Row]:
    start = time.perf_counter()
    killed, seconds = kills(url, rounds, edits), time.perf_counter() - start
    yield Row(
        f"{kind}: kill -9 amid {edits:,} edits, {killed.killed} times",
        f"{killed.lost} lost, {killed.torn} torn, {killed.unasked} unasked",
        "0, 0, 0",
        f"{killed.acknowledged:,} edits acknowledged, {seconds:.0f} s",
    )
    start = time.perf_counter()
    two, seconds = interleavings(url, times), time.perf_counter() - start
    yield Row(
        f"{kind}: {times:,} interleavings of two editors",
        f"{two.lost} lost updates",
        "0",
        f"{two.acknowledged:,} writes acknowledged, {two.refused:,} stale ones refused, "
        f"{seconds:.0f} s",
    )


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'knockon.db'}"


@contextmanager
def _postgresql() -> Iterator[str]:
    cluster = Cluster()
    try:
        yield cluster.new_database()
    finally:
        cluster.remove()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--edits", type=int, default=1_000)
    parser.add_argument("--interleavings", type=int, default=10_000)
    arguments = parser.parse_args()
    if arguments.write:
        scenario_id, first, last = arguments.write.split(":")
        _write(scenario_id, int(first), int(last))
    else:
        print_table(rows(arguments.rounds, arguments.edits, arguments.interleavings))
