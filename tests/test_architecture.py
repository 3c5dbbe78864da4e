"""Who may know whom, and what a server callback must be: the table of the design, checked."""

import ast
import inspect
from functools import cache
from pathlib import Path

import networkx as nx
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
    "commands": {"models", "data", "layouts", "usecases"},
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

#: every file of the program by its module's name
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (
        *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))),
        *(ROOT / f"{name}.py" for name in ("app", "cli", "labels", "settings")),
    )
}
PACKAGES = [module for module, path in MODULES.items() if path.name == "__init__.py"]
#: package → the modules of it that the other packages may import
FACES = {"models.cascade.yes_or_no": {"models.cascade.yes_or_no"}}


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
    allowed = {"settings"} if room == "commands" else set()
    assert not (set(imported(path)) & {"app", "cli", "settings", "tests"}) - allowed


@cache
def arrows():
    """Return who imports whom among all files: types and imports inside functions count, too."""
    graph = nx.DiGraph()
    graph.add_nodes_from(MODULES)
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path} has a relative import"
                parts = [f"{node.module}.{alias.name}" for alias in node.names]
                names = [part if part in MODULES else node.module for part in parts]
            graph.add_edges_from((module, name) for name in names if name in MODULES)
    return graph


def circles(graph):
    return sorted(sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1)


def test_no_files_import_each_other_in_a_circle():
    assert circles(arrows()) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_what_lies_in_a_package_has_no_circle(package):
    """Neither its files nor its packages, each taken as a whole."""
    inside = nx.DiGraph()
    for arrow in arrows().edges:
        ends = [_below(package, module) for module in arrow]
        if None not in ends and ends[0] != ends[1]:
            inside.add_edge(*ends)
    assert circles(inside) == []


def _below(package, module):
    """Return the file or package right in ``package`` that a module belongs to, if any."""
    rest = module.removeprefix(f"{package}.")
    return None if rest == module else rest.split(".")[0]


@pytest.mark.parametrize("package", FACES)
def test_a_package_with_a_face_is_imported_by_it_alone(package):
    behind = [
        (module, other)
        for module, other in arrows().edges
        if _inside(package, other) and not _inside(package, module) and other not in FACES[package]
    ]
    assert behind == []


def _inside(package, module):
    return f"{module}.".startswith(f"{package}.")


@pytest.fixture
def app(tiny_world, tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'test.db'}")
    yield create_app(tiny_world, store, Settings(workers=0), parse=parse_scenario)
    store.close()


def test_every_server_callback_is_async(app):
    """A synchronous one would hold up every viewer while it runs."""
    on_server = {
        name: callback["callback"]
        for name, callback in app.callback_map.items()
        if "callback" in callback
    }
    assert on_server
    slow = [name for name, run in on_server.items() if not inspect.iscoroutinefunction(run)]
    assert not slow


def test_no_callback_has_a_pattern_for_an_id(app):
    """The guard at the door compares the declared ids with those sent, one by one."""
    for callback in app.callback_map.values():
        assert all(
            not part["id"].startswith("{") for part in callback["inputs"] + callback["state"]
        )


def test_each_component_id_is_there_once():
    values = [value for name, value in vars(ids).items() if name.isupper()]
    assert len(values) == len(set(values))
