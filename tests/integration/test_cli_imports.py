"""What a command imports: only libraries that it needs, so that it answers at once."""

import os
import subprocess
import sys

import pytest

from settings import ROOT

#: Slow to import, and needed by none of the commands below.
SLOW = ("scipy.linalg", "scipy.sparse", "geopandas", "pandas", "pyogrio", "sqlalchemy", "dash")
SCENARIO = "data/regions/neubrandenburg/scenarios/s1-110kv-fault.json"
PROGRAM = """
import sys
import cli
try:
    code = cli.main(sys.argv[1:])
except SystemExit as left:  # --help
    code = left.code
print(code, *sys.modules, file=sys.stderr)
"""


def imported(*arguments):
    """Return the modules that a successful command has imported, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    return set(modules)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "neubrandenburg", SCENARIO),
        ("screen", "neubrandenburg"),
        ("validate", "neubrandenburg"),
        ("--help",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_imports_no_slow_library_that_it_does_not_need(arguments):
    assert not imported(*arguments) & set(SLOW)


def test_one_cascade_in_a_small_world_is_computed_without_the_compiler():
    assert "numba" not in imported("run", "neubrandenburg", SCENARIO)


def test_help_does_without_numbers_and_shapes():
    assert not imported("--help") & {"numpy", "shapely", "numba", "pydantic"}
