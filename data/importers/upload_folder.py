"""The folder of one import on the page, and the process that reads what is in it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

#: the process that does requests (``commands/import_worker.py``); the folder is added
WORKER = (sys.executable, "-m", "commands.import_worker")
#: a line of progress that is longer ends the process
_MAX_LINE = 65_536
_MAX_ANSWER = 50_000_000


class UploadFolder:
    """Files of an import under numbers, the world that comes of them, and who reads them.

    Parameters
    ----------
    root
        Where uploads lie.
    worlds
        Where finished worlds go.
    import_id
        A random id; becomes the name of the folder.
    code
        Working directory of the worker process: the root of the program.
    worker
        Its command.
    """

    def __init__(
        self,
        root: Path,
        worlds: Path,
        import_id: str,
        *,
        code: Path,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self._path, self._worlds, self._id = root / import_id, worlds, import_id
        self._code, self._worker = code, tuple(worker)

    async def write(self, index: int, name: str, chunks: AsyncIterator[bytes]) -> int:
        """Write a file while it arrives and return its size in bytes.

        Parameters
        ----------
        index
            The file's number in this import.
        name
            Its name, cut to safe letters.
        chunks
            Its content, piece by piece.
        """
        folder = self._path / "files" / str(index)
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        size = 0
        try:
            with (folder / "content").open("xb") as file:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
                    size += len(chunk)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return size

    async def drop(self, index: int) -> None:
        """Remove a file."""
        folder = self._path / "files" / str(index)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def run(
        self,
        request: Mapping[str, Any],
        progress: Callable[[Mapping[str, Any]], None],
        limit_s: float,
    ) -> dict[str, Any]:
        """Do a request in a process of its own and return its answer.

        Parameters
        ----------
        request
            What the process is to do.
        progress
            Gets each line that the process reports.
        limit_s
            After so many seconds it is killed.

        Raises
        ------
        TimeoutError
            If it takes too long.
        ChildProcessError
            If it ends without an answer.
        """
        answer = self._path / "answer.json"
        await asyncio.to_thread(self._prepare, request, answer)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KNOCKON_")}
        process = await asyncio.create_subprocess_exec(
            *self._worker, str(self._path), cwd=self._code, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=_MAX_LINE,
            start_new_session=True, env={**environment, "TMPDIR": str(self._path / "scratch")},
        )  # fmt: skip
        try:
            async with asyncio.timeout(limit_s):
                await _read(process, progress)
                code = await process.wait()
        finally:
            _kill(process)
            await process.wait()
            await asyncio.to_thread(shutil.rmtree, self._path / "scratch", ignore_errors=True)
        if code or not answer.is_file() or answer.stat().st_size > _MAX_ANSWER:
            raise ChildProcessError
        result: dict[str, Any] = json.loads(answer.read_text("utf-8"))
        return result

    def _prepare(self, request: Mapping[str, Any], answer: Path) -> None:
        """Write the request, and link each file to a name from which its kind can be guessed."""
        answer.unlink(missing_ok=True)
        self._path.mkdir(parents=True, exist_ok=True)
        for name in ("named", "world", "scratch"):
            shutil.rmtree(self._path / name, ignore_errors=True)
            (self._path / name).mkdir()
        paths = []
        for index, shown in request["files"]:
            folder = self._path / "named" / str(index)
            folder.mkdir()
            # readers guess from a file's name; the alphabet of ``shown`` has no separator
            os.link(self._path / "files" / str(index) / "content", folder / Path(shown).name)
            paths.append(str((folder / Path(shown).name).relative_to(self._path)))
        plain = {**request, "paths": paths, "out": f"world/import-{self._id[:8]}"}
        (self._path / "request.json").write_text(json.dumps(plain), "utf-8")

    async def keep(self, world_id: str, title: str) -> dict[str, str]:
        """Move the world to the others and return where it is."""
        source = next((self._path / "world").iterdir())
        target = self._worlds / source.name
        number = 1
        while target.exists():
            number += 1
            target = self._worlds / f"{source.name}-{number}"
        await asyncio.to_thread(self._worlds.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.move, source, target)
        is_inside = target.is_relative_to(self._code)
        return {"folder": str(target.relative_to(self._code) if is_inside else target)}

    async def remove(self) -> None:
        """Remove the files and the folder."""
        await asyncio.to_thread(shutil.rmtree, self._path, ignore_errors=True)


async def _read(
    process: asyncio.subprocess.Process, progress: Callable[[Mapping[str, Any]], None]
) -> None:
    if process.stdout is None:
        return
    try:
        async for line in process.stdout:
            with contextlib.suppress(ValueError):
                plain = json.loads(line)
                if isinstance(plain, dict):
                    progress(plain)
    except ValueError as error:  # a line without an end: not a worker of ours
        raise ChildProcessError from error


def _kill(process: asyncio.subprocess.Process) -> None:
    """End the process and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            process.kill()
