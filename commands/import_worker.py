"""The process that reads uploaded files: bounded in memory, and killed when it takes too long.

``python -m commands.import_worker FOLDER`` reads ``FOLDER/request.json``, says on standard output
how far it is (one JSON object a line) and writes ``FOLDER/answer.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Address space: libraries reserve more than they use; a country of 100 MB takes 3 GB.
MAX_BYTES = 6_000_000_000


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(**progress: Any) -> None:
    print(json.dumps(progress), flush=True)


def _preview(request: Mapping[str, Any], paths: list[Path]) -> dict[str, Any]:
    from data.importers.options import Options
    from data.importers.preview import fields, preview

    options = Options(request["crs"] or None, request["recipe"])
    files = []
    for number, path in enumerate(paths):
        _say(stage="recognising", file=path.name, share=number / max(len(paths), 1))
        files.append(preview(path, options))
    return {"files": files, "fields": fields()}


def _import(request: Mapping[str, Any], paths: list[Path], out: Path) -> dict[str, Any]:
    from commands.importing import Request, make
    from commands.worlds import checked_crs
    from models.errors import BadInputError

    people = request["population"]
    files = tuple(path for number, path in enumerate(paths) if number != people)
    population = paths[people] if people is not None else None
    total, done = len(paths) + 4, 0

    def step(name: str) -> None:
        nonlocal done
        done += 1
        stage, _, file = name.partition(" ") if name.startswith("reading ") else (name, "", "")
        _say(stage=stage, file=file, share=done / (total + 1))

    crs = checked_crs(request["crs"] or None)
    if not files:
        raise BadInputError(["Only a file of people: add a file with assets."])
    plan = Request(files, out, request["title"], crs, request["recipe"], population)
    made = make(plan, step)
    if made.world is None:
        return {"problems": list(made.problems)[:100]}
    return {"report": made.report, "world": made.world.world_id}


def main(folder: Path) -> int:
    """Do what the folder's request says."""
    _limit_memory()
    from models.errors import KnockOnError

    request = json.loads((folder / "request.json").read_text("utf-8"))
    paths = [folder / one for one in request["paths"]]
    try:
        if request["do"] == "preview":
            answer = _preview(request, paths)
        else:
            answer = _import(request, paths, folder / request["out"])
    except KnockOnError as error:
        answer = {"problems": list(getattr(error, "problems", [str(error)]))[:100]}
    except MemoryError:
        answer = {"problems": ["These files need more memory than an import may use."]}
    (folder / "answer.json").write_text(json.dumps(answer, ensure_ascii=False), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
