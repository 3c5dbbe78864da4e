"""Compiled kernels are those of the code that is there, also where nothing can be written."""

import os
import subprocess
import sys
from pathlib import Path

from data.cache.kernels import prepare_kernels
from settings import ROOT

#: runs a cascade from a copy of the kernels; says where they are and how many were compiled anew
BORROWED = """
import os, sys
from data.cache import kernels
kernels.prepare_kernels()
kernels._borrow(kernels.ENGINE, True)
from models import warmup
from models.cascade.timed import kernels as engine_kernels
warmup.STEPS["the cascade engine"]()
stats = engine_kernels.cascade.stats
print(os.listdir(os.environ["NUMBA_CACHE_DIR"]), sum(stats.cache_misses.values()))
print(os.environ["NUMBA_CACHE_DIR"], file=sys.stderr)
"""


def test_what_was_compiled_of_other_code_is_forgotten(tmp_path):
    cache = tmp_path / "__pycache__"
    cache.mkdir()
    (tmp_path / "a.py").write_text("one")
    (tmp_path / "b.py").write_text("two")

    def compiled_and_looked():
        """Return whether kernels are ready, and the files that exist then."""
        for name in ("kernels.f-1.nbi", "kernels.f-1.1.nbc", "a.cpython-311.pyc"):
            (cache / name).touch()
        return prepare_kernels(tmp_path), sorted(file.suffix for file in cache.iterdir())

    forgotten, kept = [".pyc", ".sha256"], [".nbc", ".nbi", ".pyc", ".sha256"]
    assert compiled_and_looked() == (False, forgotten)
    assert compiled_and_looked() == (True, kept)
    # unpacked from an archive, it is older than what was compiled
    (tmp_path / "b.py").write_text("three")
    os.utime(tmp_path / "b.py", (1, 1))
    assert compiled_and_looked() == (False, forgotten)
    assert compiled_and_looked() == (True, kept)


def test_a_folder_without_kernels_gets_a_note(tmp_path):
    assert not prepare_kernels(tmp_path)
    assert [file.name for file in (tmp_path / "__pycache__").iterdir()] == ["made-of.sha256"]


def test_a_place_that_somebody_gave_is_looked_after_too(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "given"))
    source = tmp_path / "engine" / "a.py"
    source.parent.mkdir()
    source.write_text("one")
    assert not prepare_kernels(source.parent)
    (within,) = (tmp_path / "given").iterdir()
    (within / "kernels.f-1.nbi").touch()
    assert prepare_kernels(source.parent)
    source.write_text("two")
    assert not prepare_kernels(source.parent)
    assert [file.name for file in within.iterdir()] == ["made-of.sha256"]


def test_where_nothing_can_be_written_a_copy_serves_and_goes_with_the_process():
    done = subprocess.run(
        [sys.executable, "-c", BORROWED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("['")
    assert done.stdout.rstrip().endswith("] 0")
    assert not Path(done.stderr.strip()).exists()
