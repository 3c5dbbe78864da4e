"""Questions to the graph (SPARQL 1.1, read only), and the engine as functions in them.

``cip:peopleLostIf(?asset, ?hours)``: how many distinct people lack something at that hour once the
asset has failed at 0 h. ``cip:failsAfter(?asset, ?other)``: hours until the other asset is lost
then; unbound if it is not. Both run the cascade, from the world as it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import pyoxigraph as ox

from data.ontology.graph import iri
from data.ontology.vocabulary import ID, ONT, PREFIXES
from models.cascade.timed.engine import run
from models.errors import BadInputError
from models.impact.people import distinct_people
from models.impact.settlement import EVERYBODY
from models.scenario import MAX_HOURS, Event, Scenario
from models.units import to_hours, to_ms
from models.world import World

MAX_QUERY_BYTES = 200_000
MAX_ROWS = 500_000
#: Outcomes of single failures that are kept while a question is answered.
KEPT_OUTCOMES = 2_000
#: A question that asks another server is refused: nothing is fetched.
_FEDERATED = re.compile(r"\bSERVICE\b", re.IGNORECASE)
_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>|#[^\n]*')


def answer(world: World, store: ox.Store, query: str) -> bytes:
    """Return the answer to a question: SPARQL results as JSON, or a graph as JSON-LD.

    Parameters
    ----------
    world
        The world that the graph is of; the functions run on it.
    store
        The graph.
    query
        SELECT, ASK, CONSTRUCT or DESCRIBE. The usual prefixes need not be declared; ``id:`` is the
        world's own.

    Raises
    ------
    BadInputError
        If it is no such question, or asks another server.
    """
    if _FEDERATED.search(_QUOTED.sub(" ", query)):
        raise BadInputError(["SERVICE: other servers are never asked."])
    prefixes = PREFIXES | {"id": ID, "w": f"{iri(world.world_id).value}/"}
    functions = {ox.NamedNode(ONT + name): f for name, f in _functions(world).items()}
    try:
        found = store.query(query, prefixes=prefixes, custom_functions=functions)
        if isinstance(found, ox.QueryTriples):
            return bytes(found.serialize(format=ox.RdfFormat.JSON_LD) or b"[]")
        if isinstance(found, ox.QueryBoolean):
            return bytes(found.serialize(format=ox.QueryResultsFormat.JSON) or b"{}")
        return _rows(found)
    except SyntaxError as error:
        raise BadInputError([_syntax(str(error.msg))]) from None
    except OSError as error:
        raise BadInputError([f"the question cannot be answered ({error})."]) from None


def _syntax(text: str) -> str:
    """Return where a question is wrong, and what could stand there, in one line."""
    place = _PLACE.match(text)
    expected = " ".join((place.group(3) if place else text).split())[:120]
    where = f"line {place.group(1)}, column {place.group(2)}: " if place else ""
    return f"{where}no question that can be read (SELECT, ASK, CONSTRUCT, DESCRIBE): {expected}"


def _rows(found: ox.QuerySolutions) -> bytes:
    """Return a table as SPARQL results; a question with too many rows is refused while it runs."""
    names = [variable.value for variable in found.variables]
    bindings: list[dict[str, dict[str, str]]] = []
    for solution in found:
        if len(bindings) == MAX_ROWS:
            raise BadInputError([f"more than {MAX_ROWS:,} rows. Narrow it, or give it a LIMIT."])
        values = {name: solution[name] for name in names}
        bindings.append(
            {name: _value(value) for name, value in values.items() if value is not None}
        )
    plain = {"head": {"vars": names}, "results": {"bindings": bindings}}
    return json.dumps(plain, ensure_ascii=False).encode("utf-8")


def _value(node: Any) -> dict[str, str]:
    if isinstance(node, ox.NamedNode):
        return {"type": "uri", "value": node.value}
    if isinstance(node, ox.BlankNode):
        return {"type": "bnode", "value": node.value}
    plain = {"type": "literal", "value": node.value}
    if node.language:
        return plain | {"xml:lang": node.language}
    kind = node.datatype.value
    return plain if kind == f"{PREFIXES['xsd']}string" else plain | {"datatype": kind}


def _functions(world: World) -> Mapping[str, Callable[..., Any]]:
    prefix = f"{iri(world.world_id, 'asset').value}/"

    def asset_of(node: Any) -> str | None:
        text = node.value if isinstance(node, ox.NamedNode | ox.Literal) else ""
        name = unquote(text.removeprefix(prefix)) if text.startswith(prefix) else text
        return name if name in world.assets else None

    @lru_cache(maxsize=KEPT_OUTCOMES)
    def outcome_of(asset: str, hours: float) -> Any:
        events = (Event(0.0, "fail", asset),)
        return run(world, Scenario(world.world_id, events, horizon_h=hours))

    def people_lost_if(asset: Any, hours: Any = None) -> ox.Literal | None:
        name, at_h = asset_of(asset), _number(hours, 24.0)
        if name is None or at_h is None:
            return None
        course = distinct_people(world, outcome_of(name, at_h))[EVERYBODY].course
        people = [lacking for t_ms, lacking in course if t_ms <= to_ms(at_h)]
        return ox.Literal(round(people[-1]) if people else 0)

    def fails_after(asset: Any, other: Any) -> ox.Literal | None:
        name, whom = asset_of(asset), asset_of(other)
        if name is None or whom is None:
            return None
        became = outcome_of(name, 168.0).assets.get(whom)
        return None if became is None else ox.Literal(to_hours(became.first_loss_ms))

    return {"peopleLostIf": people_lost_if, "failsAfter": fails_after}


def _number(node: Any, default: float) -> float | None:
    if node is None:
        return default
    try:
        number = float(node.value)
    except (AttributeError, ValueError):
        return None
    return number if 0 <= number <= MAX_HOURS else None
