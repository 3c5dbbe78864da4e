"""Take guards away one by one: ``python -m tests.mutations [--only NAME ...]``.

All happens in a temporary copy of the tree. A mutation is *killed* if its test passes with the
guard and fails without it, and *survived* if the test passes all the same. *broken* says that the
test shows nothing: it was not run, was skipped, failed with the guard, or cannot be run without.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.mutations.doors import ROOT, Mutation, mutations

#: what a test may take; one that hangs without its guard has failed
PATIENCE_S = 300
#: loaded once, for each run of pytest is a fork
_LIBRARIES = (
    "dash",
    "fastapi",
    "geopandas",
    "hypothesis",
    "numba",
    "plotly",
    "scipy",
    "sqlalchemy",
)
#: pytest would rewrite some of these, which is not needed
_QUIETLY = ("-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
#: node_modules are linked, the rest is not needed
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "var", "build", "*.pyc", ".*_cache", ".hypothesis"
)


def main() -> int:
    """Apply the mutations and print a table; return 1 unless all were killed."""
    known = mutations()
    parser = argparse.ArgumentParser(prog="python -m tests.mutations")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", choices=[mutation.name for mutation in known]
    )
    only = parser.parse_args().only
    chosen = [mutation for mutation in known if only is None or mutation.name in only]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="knock-on-mutations-") as folder:
        tree = _copy(Path(folder) / "tree")
        sound = _sound(tree, {mutation.test for mutation in chosen})
        for mutation in chosen:
            began = time.monotonic()
            verdict = _verdict(tree, mutation) if mutation.test in sound else "broken"
            counts[verdict] += 1
            took = f"{time.monotonic() - began:.0f} s"
            print(f"{verdict:9}{mutation.name:28}{took:>6}  {mutation.promise}", flush=True)
            if verdict != "killed":
                print(f"{'':9}{mutation.test}", flush=True)
    print(f"{counts['killed']} of {len(chosen)} killed")
    return 0 if counts["killed"] == len(chosen) else 1


def _copy(tree: Path) -> Path:
    """Copy the tree with the times of its files: compiled kernels are valid for these alone."""
    shutil.copytree(ROOT, tree, ignore=_LEFT_OUT, symlinks=True)
    if (ROOT / "node_modules").exists():
        (tree / "node_modules").symlink_to((ROOT / "node_modules").resolve())
    # bytecode that is compared with its source: a file changes twice within a second
    compiling = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash"]
    subprocess.run([*compiling, "."], cwd=tree, check=True)
    return tree


def _sound(tree: Path, tests: set[str]) -> set[str]:
    """Return the tests that pass with every guard in its place."""
    lines = _pytest(tree, "-rA", *sorted(tests))[1].splitlines()
    ran = {
        mark: {line.split()[1].partition("[")[0] for line in lines if line.startswith(f"{mark} ")}
        for mark in ("PASSED", "FAILED", "ERROR")
    }
    return ran["PASSED"] - ran["FAILED"] - ran["ERROR"]


def _verdict(tree: Path, mutation: Mutation) -> str:
    """Return what the test says without the guard, and put the guard back."""
    file = tree / mutation.file
    whole, times = file.read_bytes(), file.stat()
    file.write_text(mutation.applied(whole.decode()), encoding="utf-8")
    try:
        code, output = _pytest(tree, "-x", mutation.test, timeout_s=PATIENCE_S)
    finally:
        file.write_bytes(whole)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    if code == 0:
        return "survived"
    # errors of an import or a fixture show nothing of the promise
    has_failed = code == 1 and " failed" in output.strip().rpartition("\n")[2]
    return "killed" if has_failed or code is None else "broken"


def _pytest(tree: Path, *arguments: str, timeout_s: float | None = None) -> tuple[int | None, str]:
    """Run pytest in a fork, which has the libraries loaded; return its code, None if it hangs."""
    output = tree.parent / "output.txt"
    process = multiprocessing.get_context("fork").Process(
        target=_run, args=(tree, output, [*_QUIETLY, *arguments])
    )
    process.start()
    process.join(timeout_s)
    if process.is_alive():
        process.kill()
        process.join()
        return None, ""
    return process.exitcode, output.read_text(encoding="utf-8", errors="replace")


def _run(tree: Path, output: Path, arguments: list[str]) -> None:
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(tree)
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "CI": "1"}
    sys.dont_write_bytecode = True
    sys.path[:] = [str(tree), *(place for place in sys.path if place not in ("", str(ROOT)))]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    code = int(pytest.main(arguments))
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    for library in _LIBRARIES:
        importlib.import_module(library)
    sys.exit(main())
