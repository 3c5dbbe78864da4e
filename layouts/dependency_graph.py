"""The dependency graph: who needs whom, as far as one can read it at once.

Three parts of it can be shown: the neighbourhood of the selection, what the event reached, and
the sectors. Positions are made here, from supplier (left) to consumer (right), and depend only
on what is shown: the clock never moves anything. ``assets/40_graph.js`` colours the states.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_cytoscape as cyto
import networkx as nx
from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.parts import extra
from layouts.picture import listed_assets
from layouts.words import Labels, basis_of, lower_first
from models.outcome import STATES
from models.world import World

MODES = ("neighbourhood", "affected", "sectors")
_MODE_LABELS = {
    "neighbourhood": "Around the selection",
    "affected": "What this reached",
    "sectors": "Sectors",
}
STEPS = (1, 2, 3, 4, 6)

MAX_NODES = 1_000
COLUMN_PX, ROW_PX, GAP_PX = 176, 46, 22
#: up to this many assets are drawn one by one; of more, alike ones become one node
MAX_SINGLE, MIN_BUNDLE = 45, 2
#: a layer taller than this goes on in a second column
ROWS_PER_COLUMN = 14
_LABEL_LENGTH = 32
_BASIS_RANK = {"declared": 0, "inferred": 1, "assumed": 2}

Element = dict[str, Any]
Places = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Part:
    """What is shown of the graph, and a line that says what it is."""

    elements: list[Element]
    note: str


NOTHING_CHOSEN = Part([], "Select an asset: here you see what it needs and who needs it.")


@dataclass(frozen=True, slots=True)
class Edge:
    """All dependencies of one consumer on one supplier."""

    services: tuple[str, ...]
    basis: str


# ------------------------------------------------------------------ the graph


def _edges(graph: nx.DiGraph[str]) -> Iterable[tuple[str, str, Edge]]:
    for supplier, consumer, data in graph.edges(data=True):
        yield supplier, consumer, data["edge"]


def graph_of(world: World) -> nx.DiGraph[str]:
    """Return supplier → consumer over the listed assets, each edge with its :class:`Edge`.

    Junctions are stepped over: whoever hangs on one hangs on the assets that stand before it.
    Takes about 10 ms per 1,000 assets; callers keep it.
    """
    services: dict[tuple[str, str], set[str]] = defaultdict(set)
    basis: dict[tuple[str, str], str] = {}
    networks = {service: _network(world, service) for service in world.link_services}
    for need in [*_group_needs(world, networks), *_network_needs(world, networks)]:
        pair = (need.supplier, need.consumer)
        services[pair].add(need.service)
        basis[pair] = _weaker(basis.get(pair, need.basis), need.basis)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(listed_assets(world))
    for (supplier, consumer), found in sorted(services.items()):
        edge = Edge(tuple(sorted(found)), basis[supplier, consumer])
        graph.add_edge(supplier, consumer, edge=edge)
    return graph


@dataclass(frozen=True, slots=True)
class _Need:
    supplier: str
    consumer: str
    service: str
    basis: str


@dataclass(frozen=True)
class _Network:
    """The links of one service, and how many of them lie between a source and each end."""

    links: nx.Graph[str]
    steps: Mapping[str, float]


def _weaker(one: str, other: str) -> str:
    return max(one, other, key=_BASIS_RANK.__getitem__)


def _network(world: World, service: str) -> _Network:
    links: nx.Graph[str] = nx.Graph()
    for link in world.links.values():
        if link.service == service:
            links.add_edge(link.from_id, link.to_id, basis=basis_of(link.origin))
    fed = {flow.asset_id for flow in world.flows if flow.service == service and flow.supply}
    sources = {a for a in links if service in world.assets[a].source_of or a in fed}
    steps = nx.multi_source_dijkstra_path_length(links, sources, weight=_one) if sources else {}
    return _Network(links, steps)


def _one(*_: object) -> int:
    return 1


def _group_needs(world: World, networks: Mapping[str, _Network]) -> Iterable[_Need]:
    for group in world.groups.values():
        if world.assets[group.consumer_id].is_junction:
            continue
        known = basis_of(group.origin)
        for supplier in group.suppliers:
            if not world.assets[supplier.asset_id].is_junction:
                yield _Need(supplier.asset_id, group.consumer_id, group.service, known)
            elif group.service in networks:
                network = networks[group.service]
                for before, basis in sorted(_assets_before(world, network, supplier.asset_id)):
                    weaker = _weaker(known, basis)
                    yield _Need(before, group.consumer_id, group.service, weaker)


def _network_needs(world: World, networks: Mapping[str, _Network]) -> Iterable[_Need]:
    """Return who passes a service on to whom in link networks, away from its sources."""
    for service, network in networks.items():
        for here in sorted(network.steps):
            if not world.assets[here].is_junction:
                for before, basis in sorted(_assets_before(world, network, here)):
                    yield _Need(before, here, service, basis)


def _assets_before(world: World, network: _Network, start: str) -> set[tuple[str, str]]:
    """Return the nearest assets towards the sources, stepping over junctions."""
    steps, found, seen, frontier = network.steps, set(), {start}, [(start, "declared")]
    if start not in steps:
        return set()
    while frontier:
        here, basis = frontier.pop()
        for there in network.links[here]:
            if there in seen or steps[there] >= steps[here]:
                continue
            seen.add(there)
            weaker = _weaker(basis, network.links[here][there]["basis"])
            if world.assets[there].is_junction:
                frontier.append((there, weaker))
            else:
                found.add((there, weaker))
    return found


# ------------------------------------------------------------- what is shown


def neighbourhood(
    world: World, graph: nx.DiGraph[str], labels: Labels, chosen: Sequence[str], steps: int
) -> Part:
    """Return suppliers (left) and consumers (right) of the selection, ``steps`` deep."""
    roots = [asset for asset in chosen if asset in graph]
    if not roots:
        return NOTHING_CHOSEN
    layer = _signed_distance(graph, roots, steps)
    shown, note = _cut(world, layer.keys(), lambda a: abs(layer[a]))
    drawn = _bundled(world, graph.subgraph(shown), layer, roots)
    name = world.label(roots[0]) if len(roots) == 1 else f"{len(roots)} selected assets"
    up = sum(1 for a in shown if layer[a] < 0)
    down = sum(1 for a in shown if layer[a] > 0)
    step = "1 step" if steps == 1 else f"{steps} steps"
    said = f"{name}: {up} upstream, {down} downstream within {step}. {_told(drawn)}{note}"
    return Part(_elements(world, labels, drawn), said.strip())


def affected(world: World, graph: nx.DiGraph[str], labels: Labels, told: Mapping[str, Any]) -> Part:
    """Return everything that is not plainly working at some time of this picture."""
    listed = listed_assets(world)
    reached = {listed[i] for i in _ever_reached(told)}
    if not reached:
        return Part([], "Nothing is lost in this scenario yet. Knock something out.")
    first = {listed[a]: t for t, a in zip(*_falls(told), strict=True)}
    shown, note = _cut(world, reached, lambda a: first.get(a, 0))
    part = graph.subgraph(shown)
    hit = {
        listed[loss["a"]] for loss in told["losses"] if loss["kind"] in ("direct", "common-cause")
    }
    drawn = _bundled(world, part, _layers(part), hit)
    said = f"{len(reached):,} assets are touched by this scenario. {_told(drawn)}{note}"
    return Part(_elements(world, labels, drawn), said.strip())


def _ever_reached(told: Mapping[str, Any]) -> set[int]:
    """Return those with a fall, or on backup; merely unknown ones are not reached."""
    states = told["states"]
    apart = (STATES.index("working"), STATES.index("unknown"))
    moved = {a for a, s in zip(states["a"], states["s"], strict=True) if s not in apart}
    return moved | {loss["a"] for loss in told["losses"]}


def _falls(told: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    losses = list(reversed(told["losses"]))
    return [loss["t"] for loss in losses], [loss["a"] for loss in losses]


# ------------------------------------------------------------------- bundles


@dataclass(frozen=True)
class Drawn:
    """What is drawn: nodes with the assets each stands for, their layers, and who needs whom."""

    members: Mapping[str, tuple[str, ...]]
    layer: Mapping[str, int]
    graph: nx.DiGraph[str]


def _bundled(
    world: World, part: nx.DiGraph[str], layer: Mapping[str, int], keep: Collection[str]
) -> Drawn:
    """Draw alike assets as one node where there are too many to read one by one."""
    bundle_of: dict[str, str] = {}
    if len(part) > MAX_SINGLE:
        alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for asset_id, kind in _kinds(world, part, layer, keep).items():
            alike[kind].append(asset_id)
        bundle_of = {
            asset_id: f"bundle:{min(found)}"
            for found in alike.values()
            if len(found) >= MIN_BUNDLE
            for asset_id in found
        }
    members: dict[str, list[str]] = defaultdict(list)
    for asset_id in _by_name(world, part):
        members[bundle_of.get(asset_id, asset_id)].append(asset_id)
    held = {node: tuple(found) for node, found in members.items()}
    return Drawn(held, {n: layer[found[0]] for n, found in held.items()}, _merged(part, bundle_of))


def _kinds(
    world: World, part: nx.DiGraph[str], layer: Mapping[str, int], keep: Collection[str]
) -> dict[str, tuple[Any, ...]]:
    """Return what each asset is alike by: its type, and the kinds it hangs on towards the root.

    From the root outwards: two local substations fed by one station are alike, and so are the
    pharmacies behind them, whichever of the two feeds them.
    """
    number: dict[tuple[Any, ...], int] = {}
    kinds: dict[str, tuple[Any, ...]] = {}
    for asset_id in sorted(part, key=lambda a: (abs(layer[a]), a)):
        here = layer[asset_id]
        near = part.predecessors(asset_id) if here >= 0 else part.successors(asset_id)
        inner = frozenset(number[kinds[a]] for a in near if abs(layer[a]) < abs(here))
        alone = asset_id if asset_id in keep else ""
        kind = (here, world.assets[asset_id].asset_type, inner, alone)
        kinds[asset_id] = kind
        number.setdefault(kind, len(number))
    return kinds


def _told(drawn: Drawn) -> str:
    bundles = sum(1 for found in drawn.members.values() if len(found) > 1)
    return "Alike ones are drawn as one; select one to look closer. " if bundles else ""


def _merged(part: nx.DiGraph[str], bundle_of: Mapping[str, str]) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(bundle_of.get(asset_id, asset_id) for asset_id in part)
    for supplier, consumer, edge in sorted(_edges(part), key=lambda e: e[:2]):
        pair = bundle_of.get(supplier, supplier), bundle_of.get(consumer, consumer)
        if pair[0] == pair[1]:
            continue
        known: Edge = graph.edges[pair]["edge"] if graph.has_edge(*pair) else edge
        services = tuple(sorted({*known.services, *edge.services}))
        basis = _weaker(known.basis, edge.basis)
        graph.add_edge(*pair, edge=Edge(services, basis))
    return graph


def sectors(world: World, graph: nx.DiGraph[str], labels: Labels) -> Part:
    """Return sectors as boxes with their assets inside, and how many needs join them."""
    shown, note = _cut(world, graph.nodes, lambda a: (-graph.degree(a), a))
    boxes: dict[str, list[str]] = defaultdict(list)
    for asset_id in shown:
        boxes[world.assets[asset_id].sector].append(asset_id)
    order = [s for s in labels.sectors if s in boxes]
    order += sorted(boxes.keys() - set(order))
    places = _box_places({sector: _by_name(world, boxes[sector]) for sector in order})
    nodes = [_box(sector, len(boxes[sector]), labels) for sector in order]
    for asset_id, place in places.items():
        node = _node(world, labels, world.place_of, asset_id, place, compact=True)
        node["data"]["parent"] = f"sector:{world.assets[asset_id].sector}"
        nodes.append(node)
    said = f"{len(boxes)} sectors, {len(shown)} assets; lines count the needs between sectors."
    return Part(nodes + _sector_edges(world, graph, labels), f"{said} {note}".strip())


def _cut(world: World, found: Iterable[str], key: Any) -> tuple[list[str], str]:
    """Return at most :data:`MAX_NODES`, the most important first, and say what is left out."""
    ordered = sorted(found, key=lambda a: (key(a), world.label(a), a))
    if len(ordered) <= MAX_NODES:
        return ordered, ""
    return ordered[:MAX_NODES], f"Only {MAX_NODES:,} of {len(ordered):,} are drawn."


# ------------------------------------------------------------------- placing


def _signed_distance(graph: nx.DiGraph[str], roots: Sequence[str], steps: int) -> dict[str, int]:
    layer = dict.fromkeys(roots, 0)
    for sign, ways in ((-1, graph.predecessors), (1, graph.successors)):
        frontier = list(roots)
        for step in range(1, steps + 1):
            nexts = sorted({there for here in frontier for there in ways(here)} - layer.keys())
            layer.update(dict.fromkeys(nexts, sign * step))
            frontier = nexts
    return layer


def _layers(graph: nx.DiGraph[str]) -> dict[str, int]:
    """Return the longest way from a beginning to each asset; a loop is one layer."""
    loops = nx.condensation(graph)
    depth: dict[int, int] = {}
    for loop in nx.topological_sort(loops):
        depth[loop] = max((depth[p] + 1 for p in loops.predecessors(loop)), default=0)
    return {a: depth[loop] for loop in loops for a in loops.nodes[loop]["members"]}


def _places(world: World, drawn: Drawn) -> Places:
    """Return a place for each node: layers from left to right, few crossings within."""
    columns: dict[int, list[str]] = defaultdict(list)
    first = {node: found[0] for node, found in drawn.members.items()}
    for node in sorted(first, key=lambda n: _name_order(world, first[n])):
        columns[drawn.layer[node]].append(node)
    order = sorted(columns)
    for sweep in range(4):
        _sweep(drawn.graph, columns, order if sweep % 2 == 0 else order[::-1])
    return _spread([columns[number] for number in order])


def _name_order(world: World, asset_id: str) -> tuple[str, str, str]:
    return world.assets[asset_id].sector, world.label(asset_id), asset_id


def _by_name(world: World, assets: Iterable[str]) -> list[str]:
    return sorted(assets, key=lambda a: _name_order(world, a))


def _sweep(graph: nx.DiGraph[str], columns: Mapping[int, list[str]], order: Sequence[int]) -> None:
    """Sort each column by the mean place of its neighbours in the columns before it."""
    rank: dict[str, float] = {}
    for number in order:
        column = columns[number]
        at = {asset_id: i / max(1, len(column)) for i, asset_id in enumerate(column)}
        keys = {a: _mean_rank(graph, a, rank, at[a]) for a in column}
        column.sort(key=lambda a: (keys[a], at[a]))
        rank.update({a: i / max(1, len(column)) for i, a in enumerate(column)})


def _mean_rank(
    graph: nx.DiGraph[str], asset_id: str, rank: Mapping[str, float], otherwise: float
) -> float:
    near = [*graph.predecessors(asset_id), *graph.successors(asset_id)]
    known = [rank[other] for other in near if other in rank]
    return sum(known) / len(known) if known else otherwise


def _spread(columns: Sequence[Sequence[str]]) -> Places:
    places, x = {}, 0.0
    for column in columns:
        rows = min(len(column), ROWS_PER_COLUMN)
        for i, asset_id in enumerate(column):
            across, down = divmod(i, ROWS_PER_COLUMN)
            y = (down - (rows - 1) / 2) * ROW_PX
            places[asset_id] = (x + across * COLUMN_PX, y)
        x += GAP_PX + COLUMN_PX * (1 + (len(column) - 1) // ROWS_PER_COLUMN)
    return places


def _box_places(boxes: Mapping[str, Sequence[str]]) -> Places:
    """Return places in boxes side by side, wrapped to about the form of a screen."""
    places, left, top, tallest, cell = {}, 0.0, 0.0, 0.0, 24
    total = sum(len(members) for members in boxes.values())
    width = max(620.0, 1.9 * cell * total**0.5 * 1.5)
    for members in boxes.values():
        across = max(5, round(len(members) ** 0.5 * 1.3))
        wide, high = across * cell, -(-len(members) // across) * cell
        if left and left + wide > width:
            left, top, tallest = 0.0, top + tallest + 90, 0.0
        for i, asset_id in enumerate(members):
            places[asset_id] = (left + i % across * cell, top + i // across * cell)
        left, tallest = left + max(wide, 150) + 70, max(tallest, high)
    return places


# ------------------------------------------------------------------ elements


def _elements(world: World, labels: Labels, drawn: Drawn) -> list[Element]:
    index, places = world.place_of, _places(world, drawn)
    nodes = [
        _node(world, labels, index, node, places[node])
        if node in index
        else _bundle(world, labels, index, node, found, places[node])
        for node, found in drawn.members.items()
    ]
    edges = [
        _edge(labels, supplier, consumer, edge) for supplier, consumer, edge in _edges(drawn.graph)
    ]
    return nodes + sorted(edges, key=lambda e: str(e["data"]["id"]))


def _bundle(
    world: World,
    labels: Labels,
    index: Mapping[str, int],
    node: str,
    found: Sequence[str],
    place: tuple[float, float],
) -> Element:
    """Return one node for several alike assets; the script tells their states."""
    asset = world.assets[found[0]]
    name = f"{len(found)} × {labels.asset_type(asset.asset_type)}"
    return {
        "data": {
            "id": node,
            "label": f"{len(found)} × {_brief(labels.asset_type(asset.asset_type))}",
            "name": name,
            "type": labels.asset_type(asset.asset_type),
            "sector": asset.sector,
            "members": [index[asset_id] for asset_id in found],
        },
        "position": {"x": round(place[0], 1), "y": round(place[1], 1)},
        "classes": "asset bundle",
    }


def _brief(label: str) -> str:
    """Return a type's label without its additions: ``Clinic, practice or …`` is ``Clinic``."""
    return label.split(",")[0].split(" (")[0]


def _short(name: str) -> str:
    return name if len(name) <= _LABEL_LENGTH else name[: _LABEL_LENGTH - 1].rstrip() + "…"


def _node(
    world: World,
    labels: Labels,
    index: Mapping[str, int],
    asset_id: str,
    place: tuple[float, float],
    *,
    compact: bool = False,
) -> Element:
    asset, name = world.assets[asset_id], world.label(asset_id)
    return {
        "data": {
            "id": asset_id,
            "label": "" if compact else _short(name),
            "name": name,
            "type": labels.asset_type(asset.asset_type),
            "sector": asset.sector,
            "i": index[asset_id],
        },
        "position": {"x": round(place[0], 1), "y": round(place[1], 1)},
        "classes": "asset small" if compact else "asset",
    }


def _edge(labels: Labels, supplier: str, consumer: str, edge: Edge) -> Element:
    words = ", ".join(lower_first(labels.service(service)) for service in edge.services)
    return {
        "data": {
            "id": f"{supplier}→{consumer}",
            "source": supplier,
            "target": consumer,
            "label": words,
            "basis": edge.basis,
        },
        "classes": f"need {edge.basis}",
    }


def _box(sector: str, count: int, labels: Labels) -> Element:
    return {
        "data": {
            "id": f"sector:{sector}",
            "label": f"{labels.sector(sector)} ({count})",
            "sector": sector,
        },
        "classes": "sector",
        "selectable": False,
    }


def _sector_edges(world: World, graph: nx.DiGraph[str], labels: Labels) -> list[Element]:
    counts: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    services: dict[tuple[str, str], set[str]] = defaultdict(set)
    for supplier, consumer, edge in _edges(graph):
        pair = (world.assets[supplier].sector, world.assets[consumer].sector)
        if pair[0] != pair[1]:
            counts[pair].add((supplier, consumer))
            services[pair] |= set(edge.services)
    return [
        {
            "data": {
                "id": f"sector:{one}→sector:{other}",
                "source": f"sector:{one}",
                "target": f"sector:{other}",
                "count": len(needs),
                "width": round(1 + min(7.0, len(needs) ** 0.5 / 2), 1),
                "label": f"{len(needs)} needs: "
                + ", ".join(sorted(lower_first(labels.service(s)) for s in services[one, other])),
            },
            "classes": "between",
        }
        for (one, other), needs in sorted(counts.items())
    ]


# ------------------------------------------------------------------ the panel


def graph_panel(_: Labels) -> Component:
    """Return the graph with its controls; it is empty until something is selected."""
    return html.Section(
        [
            html.Div([_mode(), _steps(), _legend()], className="graph-tools"),
            html.P(id=ids.GRAPH_NOTE, className="graph-note", **extra({"aria-live": "polite"})),
            cyto.Cytoscape(
                id=ids.GRAPH,
                elements=[],
                # 40_graph.js chooses what is seen: fitting here would undo it
                layout={"name": "preset", "fit": False, "animate": False},
                stylesheet=[],
                style={"width": "100%", "height": "100%"},
                minZoom=0.08,
                maxZoom=2.5,
                boxSelectionEnabled=True,
                autoungrabify=True,
                responsive=False,
            ),
        ],
        className="graph-panel",
        **extra({"aria-label": "Dependency graph; the list shows the same assets as a table"}),
    )


def _mode() -> Component:
    choices = [(mode, _MODE_LABELS[mode]) for mode in MODES]
    return _choice(ids.GRAPH_MODE, "What the graph shows", choices, MODES[0])


def _steps() -> Component:
    choices = [(n, str(n)) for n in STEPS]
    control = _choice(ids.GRAPH_STEPS, "Steps from the selection", choices, 2)
    return html.Div([html.Span("Steps"), control], className="graph-steps")


def _choice(
    store_id: str, label: str, choices: Sequence[tuple[str | int, str]], chosen: str | int
) -> Component:
    """Return buttons of which one is pressed; what it stands for is kept in a store."""
    buttons = [
        html.Button(
            text,
            type="button",
            **extra(
                {
                    "data-choose": store_id,
                    "data-value": json.dumps(value),
                    "aria-pressed": str(value == chosen).lower(),
                }
            ),
        )
        for value, text in choices
    ]
    return html.Div(
        [dcc.Store(id=store_id, data=chosen), *buttons],
        className="segmented",
        role="group",
        **extra({"aria-label": label}),
    )


def _legend() -> Component:
    return html.Span(
        [
            html.Span("supplier → consumer"),
            html.Span("declared", className="edge-key edge-declared"),
            html.Span("inferred", className="edge-key edge-inferred"),
            html.Span("assumed", className="edge-key edge-assumed"),
        ],
        className="graph-legend",
    )
