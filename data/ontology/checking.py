"""Checks of a graph against shapes (SHACL): by a fast engine, or by pySHACL for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyoxigraph as ox

from data.ontology.vocabulary import ONT, PREFIXES
from models.errors import BadInputError

SHAPES = Path(__file__).with_name("shapes.ttl")
MAX_SHAPES_BYTES = 2_000_000
Engine = Literal["rust", "pyshacl"]


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """A node that a shape refuses: ``path`` is the property, empty for a rule over several."""

    focus: str
    path: str
    shape: str
    message: str
    severity: str = "Violation"


def violations(store: ox.Store, shapes: Path = SHAPES, engine: Engine = "rust") -> list[Violation]:
    """Return what shapes refuse of a graph, in a fixed order.

    Parameters
    ----------
    store
        The graph.
    shapes
        A Turtle file of shapes.
    engine
        ``rust`` (rudof) or ``pyshacl``.

    Raises
    ------
    BadInputError
        If the shapes cannot be read.
    """
    text = _read(shapes)
    run = _by_rudof if engine == "rust" else _by_pyshacl
    try:
        return sorted(run(turtle(store), text))
    except BadInputError:
        raise
    except Exception as error:
        line = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        raise BadInputError([f"{shapes.name}: not usable as shapes ({line})."]) from None


def turtle(store: ox.Store) -> str:
    """Return a graph as Turtle."""
    data = store.dump(
        format=ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph(), prefixes=dict(PREFIXES)
    )
    return str(data, "utf-8") if data else ""


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_SHAPES_BYTES:
            raise BadInputError([f"{path.name}: too large for shapes."])
        text = path.read_text(encoding="utf-8-sig")
        for _ in ox.parse(text, format=ox.RdfFormat.TURTLE):
            pass
    except OSError as error:
        raise BadInputError([f"{path}: cannot be read ({error.strerror or error})."]) from None
    except UnicodeDecodeError:
        raise BadInputError([f"{path.name}: not UTF-8."]) from None
    except SyntaxError as error:
        raise BadInputError(
            [f"{path.name}, line {error.lineno}: not valid Turtle ({error.msg})."]
        ) from None
    return text


def _by_rudof(data: str, shapes: str) -> list[Violation]:
    from pyrudof import Rudof, RudofConfig

    rudof = Rudof(RudofConfig())
    rudof.read_data(data)
    rudof.read_shacl(shapes)
    return [
        Violation(
            violation.focus_node,
            violation.path or "",
            violation.source_shape or "",
            (violation.message or "").strip('"') or short(violation.constraint_component or ""),
            short(violation.severity or "Violation"),
        )
        for violation in rudof.validate_shacl().violations
    ]


def _by_pyshacl(data: str, shapes: str) -> list[Violation]:
    import pyshacl
    from rdflib import Graph, Namespace

    sh = Namespace(PREFIXES["sh"])
    _, report, _ = pyshacl.validate(
        Graph().parse(data=data, format="turtle"),
        shacl_graph=Graph().parse(data=shapes, format="turtle"),
        advanced=False,
    )

    if not isinstance(report, Graph):  # what pySHACL returns where it cannot use the shapes
        raise BadInputError([f"not usable as shapes ({report})."])

    def value(node: Any, name: str) -> str:
        found = report.value(node, sh[name])
        return "" if found is None else str(found)

    return [
        Violation(
            value(node, "focusNode"),
            value(node, "resultPath"),
            value(node, "sourceShape"),
            value(node, "resultMessage"),
            short(value(node, "resultSeverity")),
        )
        for node in report.objects(None, sh.result)
    ]


def short(iri: str) -> str:
    """Return an IRI of the vocabulary or of SHACL without its namespace."""
    for space in (ONT, PREFIXES["sh"]):
        iri = iri.removeprefix(space)
    return iri
