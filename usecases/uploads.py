"""Imports on the page: files arrive, are looked at, and become a world in a process of its own.

An import belongs to the person who began it. Its files are kept until it is closed, or until
nobody has asked for it for a while; the world that came of it stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from layouts.words import Labels
from models.access import NotAllowedError
from models.errors import KnockOnError
from models.wording import N_, _, number
from usecases.desk import Desk
from usecases.redaction import text_of
from usecases.seat import Seat, take_seat
from usecases.turns import Turns

State = Literal["open", "waiting", "running", "done", "failed", "cancelled"]

MAX_FILE_BYTES = 400_000_000
MAX_BYTES_PER_PERSON, MAX_BYTES = 1_000_000_000, 8_000_000_000
MAX_FILES, MAX_IMPORTS_PER_PERSON, MAX_IMPORTS = 20, 3, 40
MAX_NAME, MAX_TITLE, MAX_RECIPE_BYTES = 60, 120, 200_000
TIME_LIMIT_S, PREVIEW_LIMIT_S = 600.0, 60.0
FORGOTTEN_S = 3_600.0
AT_ONCE = 1
_TOO_LONG = N_("This took longer than {seconds} s and was stopped. Import fewer files at a time.")
_STOPPED = N_("The reader stopped: a file may be damaged, or need more memory than it may use.")
_TOO_MUCH = N_("Your uploads are larger than {n} MB together. Close other imports first.")


class Folder(Protocol):
    """Where the files of one import lie; names of users never become paths."""

    async def write(self, index: int, name: str, chunks: AsyncIterator[bytes]) -> int:
        """Write a file while it arrives and return its size.

        Parameters
        ----------
        index
            Number of the file in its import.
        name
            What it is called, for messages only.
        chunks
            Its content; what they raise removes the file.
        """

    async def drop(self, index: int) -> None:
        """Remove a file."""

    async def run(
        self,
        request: Mapping[str, Any],
        progress: Callable[[Mapping[str, Any]], None],
        limit_s: float,
    ) -> dict[str, Any]:
        """Do a request in a process of its own, which is killed when this is cancelled.

        Parameters
        ----------
        request
            What to do, as plain values.
        progress
            Receives how far it is.
        limit_s
            For how long it may run.

        Raises
        ------
        TimeoutError
            If it ran longer.
        ChildProcessError
            If the process ended without an answer.
        """

    async def keep(self, world_id: str, title: str) -> dict[str, str]:
        """Hand over the world that came of it.

        Returns what opens it: ``folder``, and ``address`` where this server can show it.
        """

    async def remove(self) -> None:
        """Remove the files and the folder."""


@dataclass
class _File:
    name: str
    size: int


@dataclass
class Import:
    """One import and how far it is."""

    id: str
    by: str
    folder: Folder
    files: dict[int, _File] = field(default_factory=dict)
    arriving: int = 0
    counted: int = 0
    state: State = "open"
    progress: Mapping[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    report: Mapping[str, Any] | None = None
    opens: Mapping[str, str] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    asked_at: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        """Return the bytes on disk, those that arrive included."""
        return self.arriving + sum(file.size for file in self.files.values())

    def plain(self, labels: Labels) -> dict[str, Any]:
        """Return what the page shows of it, with the labels of types in its report."""
        rows = self.report["expected"] if self.report else ()
        types = {row["asset_type"] for row in rows}
        return {
            "labels": {name: labels.asset_type(name) for name in sorted(types)},
            "id": self.id, "state": self.state, "problems": self.problems,
            "files": [{"number": n, "name": f.name, "size": f.size}
                      for n, f in sorted(self.files.items())],
            "progress": dict(self.progress), "report": self.report, "opens": dict(self.opens),
        }  # fmt: skip


class Imports:
    """The imports of one application.

    Parameters
    ----------
    desk
        Authorises: only who leads may import.
    folder
        Makes a place for the files of an import, by its id.
    """

    def __init__(self, desk: Desk, folder: Callable[[str], Folder]) -> None:
        self._desk, self._folder = desk, folder
        self._held: dict[str, Import] = {}
        self._turns = Turns(AT_ONCE, most_each=2)

    async def begin(self) -> dict[str, Any]:
        """Begin an import without files."""
        seat = self._seat()
        await self._forget()
        mine = [one for one in self._held.values() if one.by == seat.who.id]
        if len(mine) >= MAX_IMPORTS_PER_PERSON or len(self._held) >= MAX_IMPORTS:
            idle = [one for one in mine if one.state not in ("waiting", "running")]
            if not idle or len(self._held) >= MAX_IMPORTS + 1:
                raise KnockOnError(_("Other imports are still running. Wait for them to end."))
            await self.close(min(idle, key=lambda one: one.asked_at).id)
        import_id = secrets.token_urlsafe(12)
        self._held[import_id] = Import(import_id, seat.who.id, self._folder(import_id))
        return self._held[import_id].plain(self._desk.labels)

    def look(self, import_id: str) -> dict[str, Any] | None:
        """Return how far an import of this user is, None if there is none."""
        running = self._mine(import_id)
        return running.plain(self._desk.labels) if running else None

    async def add(
        self, import_id: str, name: str, chunks: AsyncIterator[bytes]
    ) -> dict[str, Any] | None:
        """Write a file that arrives.

        Parameters
        ----------
        import_id
            Which import of this user.
        name
            What the file is called.
        chunks
            Its content.

        Raises
        ------
        KnockOnError
            If it is too large, or there are too many.
        """
        target = self._mine(import_id)
        if target is None:
            return None
        self._require_idle(target)
        if len(target.files) >= MAX_FILES:
            raise KnockOnError(_("At most {n} files can be imported together.").format(n=MAX_FILES))
        target.counted += 1
        index, shown = target.counted, shown_name(name)
        target.files[index] = _File(shown, 0)
        try:
            size = await target.folder.write(index, shown, self._bounded(target, index, chunks))
        except BaseException:
            target.files.pop(index, None)
            raise
        target.files[index].size = size
        if not size:
            del target.files[index]
            await target.folder.drop(index)
            raise KnockOnError(_("{file} is empty.").format(file=shown))
        target.state, target.problems = "open", []
        return {**target.plain(self._desk.labels), "number": index}

    async def _bounded(
        self, target: Import, index: int, chunks: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        """Pass chunks on while there is room for them."""
        received = 0
        async for chunk in chunks:
            received += len(chunk)
            target.files[index].size = received
            of_person = sum(one.size for one in self._held.values() if one.by == target.by)
            if received > MAX_FILE_BYTES:
                text = _("{file} is larger than {n} MB.")
                size = number(MAX_FILE_BYTES // 1_000_000)
                raise KnockOnError(text.format(file=target.files[index].name, n=size))
            if of_person > MAX_BYTES_PER_PERSON:
                size = number(MAX_BYTES_PER_PERSON // 1_000_000)
                raise KnockOnError(_(_TOO_MUCH).format(n=size))
            if sum(one.size for one in self._held.values()) > MAX_BYTES:
                raise KnockOnError(_("There is no room for further files now. Try again later."))
            yield chunk

    async def drop(self, import_id: str, index: int) -> dict[str, Any] | None:
        """Leave out a file again."""
        target = self._mine(import_id)
        if target is None or index not in target.files:
            return None
        self._require_idle(target)
        del target.files[index]
        await target.folder.drop(index)
        return target.plain(self._desk.labels)

    async def preview(self, import_id: str, how: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what the files are recognised as, with the columns of their tables.

        Parameters
        ----------
        import_id
            Which import of this user.
        how
            ``crs`` and ``recipe``.
        """
        target = self._mine(import_id)
        if target is None:
            return None
        self._require_idle(target)
        order = sorted(target.files)
        request = {**self._request(target, how), "do": "preview"}
        ticket = self._turns.ticket(target.by)
        target.state = "running"
        try:
            async with self._turns.taken(ticket):
                answer = await target.folder.run(request, lambda _: None, PREVIEW_LIMIT_S)
        except (TimeoutError, ChildProcessError) as error:
            raise KnockOnError(_reason(error, PREVIEW_LIMIT_S)) from error
        finally:
            target.state = "open"
        for index, file in zip(order, answer.get("files", ()), strict=False):
            file["number"] = index
        return answer

    async def start(self, import_id: str, how: Mapping[str, Any]) -> dict[str, Any] | None:
        """Start or repeat the import of the files that have arrived.

        Parameters
        ----------
        import_id
            Which import of this user.
        how
            ``title``, ``crs``, ``recipe``, and ``population``: the number of a file of people.
        """
        target = self._mine(import_id)
        if target is None:
            return None
        self._require_idle(target)
        if not target.files:
            raise KnockOnError(_("Add a file first."))
        request = {**self._request(target, how), "do": "import"}
        title = str(how.get("title") or "")[:MAX_TITLE] or next(iter(target.files.values())).name
        request["title"] = title
        target.state, target.problems, target.report, target.opens = "waiting", [], None, {}
        target.progress = {"stage": "waiting", "file": "", "share": 0}
        target.task = asyncio.create_task(self._run(target, request))
        return target.plain(self._desk.labels)

    async def _run(self, target: Import, request: Mapping[str, Any]) -> None:
        def progress(state: Mapping[str, Any]) -> None:
            target.progress = state

        try:
            async with self._turns.taken(self._turns.ticket(target.by)):
                target.state = "running"
                answer = await target.folder.run(request, progress, TIME_LIMIT_S)
            if "report" in answer:
                target.opens = await target.folder.keep(answer["world"], request["title"])
                target.report, target.state = answer["report"], "done"
            else:
                target.problems, target.state = list(answer["problems"]), "failed"
        except asyncio.CancelledError:
            target.state = "cancelled"
            raise
        except (TimeoutError, ChildProcessError) as error:
            target.problems, target.state = [_reason(error, TIME_LIMIT_S)], "failed"
        except KnockOnError as error:
            target.problems, target.state = [text_of(error)], "failed"
        except OSError:
            target.problems, target.state = [_("The disk is full or cannot be written.")], "failed"

    async def cancel(self, import_id: str) -> dict[str, Any] | None:
        """Stop a running import; its files stay, so that it can be tried again."""
        target = self._mine(import_id)
        if target is None:
            return None
        await _stopped(target)
        return target.plain(self._desk.labels)

    async def close(self, import_id: str) -> bool:
        """Forget an import and its files; the world that came of it stays."""
        target = self._mine(import_id)
        if target is None:
            return False
        await self._remove(target)
        return True

    async def _remove(self, target: Import) -> None:
        self._held.pop(target.id, None)
        await _stopped(target)
        await target.folder.remove()

    async def _forget(self) -> None:
        """Remove imports that nobody has asked for in a while."""
        now = time.monotonic()
        for held in list(self._held.values()):
            if now - held.asked_at > FORGOTTEN_S and held.state not in ("waiting", "running"):
                await self._remove(held)

    def _request(self, target: Import, how: Mapping[str, Any]) -> dict[str, Any]:
        recipe = how.get("recipe") or {}
        if len(json.dumps(recipe)) > MAX_RECIPE_BYTES:
            raise KnockOnError(_("The recipe is too large."))
        order = sorted(target.files)
        people = how.get("population")
        return {
            "files": [[index, target.files[index].name] for index in order],
            "crs": str(how.get("crs") or "")[:MAX_TITLE], "recipe": recipe,
            "population": order.index(people) if people in order else None,
        }  # fmt: skip

    def _seat(self) -> Seat:
        seat = take_seat(self._desk)
        if not seat.who.leads:
            raise NotAllowedError(_("Only a facilitator can import a world."))
        return seat

    def _mine(self, import_id: str) -> Import | None:
        seat = self._seat()
        target = self._held.get(import_id)
        if target is None or target.by != seat.who.id:
            return None
        target.asked_at = time.monotonic()
        return target

    @staticmethod
    def _require_idle(target: Import) -> None:
        if target.state in ("waiting", "running"):
            raise KnockOnError(_("This import is running. Cancel it first."))


def shown_name(name: str) -> str:
    """Return a file's name with letters, digits and ``. _ -`` alone, for messages and guesses."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isalnum() or c in "._- " else "_" for c in last).strip(" .")
    if len(kept) > MAX_NAME:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{stem[: MAX_NAME - 12]}.{ending[:11]}" if dot else kept[:MAX_NAME]
    return kept or "file"


def _reason(error: Exception, limit_s: float) -> str:
    if isinstance(error, TimeoutError):
        return _(_TOO_LONG).format(seconds=f"{limit_s:g}")
    return _(_STOPPED)


async def _stopped(target: Import) -> None:
    if target.task is not None and not target.task.done():
        target.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await target.task
        target.state = "cancelled"
