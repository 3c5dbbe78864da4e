"""Who may know whom, and what a server callback must be: the table of the design, checked."""

import ast
import inspect
from pathlib import Path

import pytest

from app import create_app
from data.documents.scenarios import parse_scenario
from data.store.scenarios import Store
from layouts import ids
from settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("models", "data", "layouts", "usecases", "callbacks", "api", "commands")

#: room → other rooms it may know
MAY_KNOW = {
    "models": set(),
    "data": {"models"},
    "layouts": {"models"},
    "usecases": {"models", "layouts"},
    "callbacks": {"usecases", "models", "layouts"},
    "api": {"usecases", "models", "layouts"},
    "commands": {"models", "data", "layouts"},
}
#: room → packages it must never import
NEVER = {
    "models": {"dash", "plotly", "fastapi", "sqlalchemy", "uvicorn", "pathlib", "os", "socket"},
    "data": {"dash", "plotly", "fastapi", "uvicorn", "dash_cytoscape", "dash_ag_grid"},
    "layouts": {"fastapi", "sqlalchemy", "uvicorn", "requests", "socket"},
    "usecases": {
        "dash",
        "fastapi",
        "starlette",
        "pathlib",
        "sqlalchemy",
        "uvicorn",
        "plotly",
        "geopandas",
    },
    "callbacks": {"pathlib", "sqlalchemy", "uvicorn", "plotly", "geopandas"},
    "api": {"dash", "plotly", "pathlib", "sqlalchemy"},
    "commands": {"dash", "plotly", "fastapi", "sqlalchemy", "uvicorn"},
}
FILES = [
    pytest.param(room, path, id=str(path.relative_to(ROOT)))
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "prepare" not in path.parts
]


def imported(path):
    """Yield the top package of every import of a file, also of those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize(("room", "path"), FILES)
def test_a_room_knows_only_whom_it_may_know(room, path):
    others = {name for name in imported(path) if name in ROOMS} - {room}
    assert others <= MAY_KNOW[room], f"{room} must not know {sorted(others - MAY_KNOW[room])}"


@pytest.mark.parametrize(("room", "path"), FILES)
def test_a_room_stays_clear_of_what_is_not_its_own(room, path):
    # the palette writes its style sheet when it is run as a program, never while it serves
    allowed = {"pathlib"} if path.name == "palette.py" else set()
    assert not (set(imported(path)) & NEVER[room]) - allowed


@pytest.mark.parametrize(("room", "path"), FILES)
def test_no_room_knows_the_composition_root(room, path):
    # commands are part of it: cli.py only reads the command line
    known = {"settings"} if room == "commands" else set()
    assert not (set(imported(path)) & {"app", "cli", "settings", "tests"}) - known


@pytest.fixture
def app(tiny_world, tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'test.db'}")
    yield create_app(tiny_world, store, Settings(workers=0), parse=parse_scenario)
    store.close()


def test_every_server_callback_is_async(app):
    """A synchronous one would hold up every viewer while it runs."""
    on_server = {
        name: one["callback"] for name, one in app.callback_map.items() if "callback" in one
    }
    assert on_server
    slow = [name for name, run in on_server.items() if not inspect.iscoroutinefunction(run)]
    assert not slow


def test_no_callback_has_a_pattern_for_an_id(app):
    """The guard at the door compares the declared ids with those sent, one by one."""
    for one in app.callback_map.values():
        assert all(not part["id"].startswith("{") for part in one["inputs"] + one["state"])


def test_each_component_id_is_there_once():
    values = [value for name, value in vars(ids).items() if name.isupper()]
    assert len(values) == len(set(values))
