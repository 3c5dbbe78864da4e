"""The page's modules know each other in one direction, and what they import is there."""

from __future__ import annotations

import re
from pathlib import Path

import networkx as nx
import pytest

PAGE = Path(__file__).resolve().parent.parent / "assets" / "page"
#: which folders a folder may import from; its own is always among them
MAY_IMPORT = {
    "base": set(),
    "map": {"base"},
    "panels": {"base", "map"},
    "exercise": {"base", "map"},
    "live": {"base", "map"},
    "shell": {"base", "map", "exercise"},
    "doors": {"base"},
    "": {"base", "map", "panels", "exercise", "live", "shell"},
}
_IMPORT = re.compile(r'^(?:(?:import|export)\b[^;"=()]*\bfrom|import) "([^"]+)";', re.MULTILINE)
_DYNAMIC = re.compile(r"\bimport\(")


def modules() -> dict[str, str]:
    return {
        path.relative_to(PAGE).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(PAGE.rglob("*.js"))
    }


def imports(name: str, source: str) -> set[str]:
    """Return the modules that a module imports, as names under ``assets/page``."""
    here = (PAGE / name).parent
    return {
        (here / address).resolve().relative_to(PAGE).as_posix()
        for address in _IMPORT.findall(source)
    }


@pytest.fixture(scope="module")
def graph() -> nx.DiGraph:
    """All modules, an edge from each to what it imports."""
    sources = modules()
    graph = nx.DiGraph()
    graph.add_nodes_from(sources)
    graph.add_edges_from(
        (name, imported) for name, text in sources.items() for imported in imports(name, text)
    )
    return graph


def folder(name: str) -> str:
    return name.rpartition("/")[0]


def test_every_import_is_relative_and_there(graph):
    assert len(graph) > 50
    for name, source in modules().items():
        assert not _DYNAMIC.search(source), f"{name} imports something later"
        for address in _IMPORT.findall(source):
            assert address.startswith("."), f"{name} imports {address}"
        missing = imports(name, source) - modules().keys()
        assert not missing, f"{name} imports {missing}"


def test_no_circle_of_imports(graph):
    circles = [
        component for component in nx.strongly_connected_components(graph) if len(component) > 1
    ]
    assert not circles
    assert not list(nx.selfloop_edges(graph))


def test_folders_know_each_other_in_one_direction(graph):
    wrong = [
        f"{name} imports {imported}"
        for name, imported in graph.edges
        if folder(imported) not in MAY_IMPORT[folder(name)] | {folder(name)}
    ]
    assert not wrong


def test_each_module_is_part_of_a_page(graph):
    """What no entry reaches would be served and never run."""
    entries = ["main.js", "doors/doorway.js", "doors/public.js"]
    reached = set(entries).union(*(nx.descendants(graph, entry) for entry in entries))
    assert graph.nodes - reached == set()


def test_nothing_is_shared_through_the_window():
    """Only the façade for tests (main.js) and a language's texts are properties of ``knockon``."""
    for name, source in modules().items():
        uses = re.findall(r"\b(?:window|globalThis|root)\??\.knockon\b|(?<![\w.])knockon\.", source)
        assert not uses or name in {"main.js", "base/words.js"}, f"{name} uses window.knockon"
