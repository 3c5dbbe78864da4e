"""The dependency graph: suppliers and consumers, in readable parts.

There are three parts: the neighbourhood of the selection, the assets that the event reached, and
the sectors. Positions are computed here, from supplier (left) to consumer (right). They depend only
on the nodes shown, not on the clock. ``page/panels/graph.js`` colours the states.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from layouts.feed.payloads.panels import Element
from layouts.graph.needs import Edge, edges, weaker_basis
from layouts.graph.places import (
    DrawnGraph,
    box_places,
    by_name,
    layers_of,
    places_of,
    signed_distance,
)
from layouts.words import Labels, lower_first
from models.outcome import STATES
from models.wording import _, n_, number
from models.world import World

MAX_NODES = 1_000
#: up to this many assets are drawn one by one; beyond that, similar ones are bundled in a node
MAX_SINGLE, MIN_BUNDLE = 45, 2
_LABEL_LENGTH = 32


@dataclass(frozen=True)
class Part:
    """The elements of a part of the graph, and a line that describes it."""

    elements: list[Element]
    note: str


def nothing_chosen() -> Part:
    """Return the part shown without a selection."""
    return Part(
        [],
        _(
            "Nothing is selected. Find an asset with the search or in the list to "
            "see what it needs and what needs it, or knock one out to see what it "
            "affects."
        ),
    )


# ----------------------------------------------------------------- parts


def neighbourhood(
    world: World, graph: nx.DiGraph[str], labels: Labels, chosen: Sequence[str], steps: int
) -> Part:
    """Return suppliers (left) and consumers (right) of the selection, ``steps`` deep."""
    roots = [asset for asset in chosen if asset in graph]
    if not roots:
        return nothing_chosen()
    layer = signed_distance(graph, roots, steps)
    shown, note = _cut(world, layer.keys(), lambda a: abs(layer[a]))
    drawn = _bundled(world, graph.subgraph(shown), layer, roots)
    name = world.label(roots[0])
    if len(roots) > 1:
        name = n_("{n} selected asset", "{n} selected assets", len(roots)).format(n=len(roots))
    up = sum(1 for a in shown if layer[a] < 0)
    down = sum(1 for a in shown if layer[a] > 0)
    text = n_(
        "{name}: {up} upstream, {down} downstream within {n} step.",
        "{name}: {up} upstream, {down} downstream within {n} steps.",
        steps,
    )
    sentences = f"{text.format(name=name, up=up, down=down, n=steps)} {_bundle_note(drawn)}{note}"
    return Part(_elements(world, labels, drawn), sentences.strip())


def affected(
    world: World, graph: nx.DiGraph[str], labels: Labels, payload: Mapping[str, Any]
) -> Part:
    """Return the assets that are in another state than working at some time of this picture."""
    listed = world.listed
    reached = {listed[i] for i in _ever_reached(payload)}
    if not reached:
        return Part([], _("Nothing is lost in this scenario yet. Knock something out."))
    first = {listed[a]: t for t, a in zip(*_falls(payload), strict=True)}
    shown, note = _cut(world, reached, lambda a: first.get(a, 0))
    part = graph.subgraph(shown)
    hit = {
        listed[loss["a"]]
        for loss in payload["losses"]
        if loss["kind"] in ("direct", "common-cause")
    }
    drawn = _bundled(world, part, layers_of(part), hit)
    text = n_(
        "{n} asset is affected by this scenario.",
        "{n} assets are affected by this scenario.",
        len(reached),
    )
    sentences = f"{text.format(n=number(len(reached)))} {_bundle_note(drawn)}{note}"
    return Part(_elements(world, labels, drawn), sentences.strip())


def _ever_reached(payload: Mapping[str, Any]) -> set[int]:
    """Return the assets with a fall, or on backup; unknown ones do not count as reached."""
    states = payload["states"]
    apart = (STATES.index("working"), STATES.index("unknown"))
    moved = {a for a, s in zip(states["a"], states["s"], strict=True) if s not in apart}
    return moved | {loss["a"] for loss in payload["losses"]}


def _falls(payload: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    losses = list(reversed(payload["losses"]))
    return [loss["t"] for loss in losses], [loss["a"] for loss in losses]


# ------------------------------------------------------------------- bundles


def _bundled(
    world: World, part: nx.DiGraph[str], layer: Mapping[str, int], keep: Collection[str]
) -> DrawnGraph:
    """Bundle similar assets in one node if there are too many to read one by one."""
    bundle_of: dict[str, str] = {}
    if len(part) > MAX_SINGLE:
        alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for asset_id, kind in _kinds(world, part, layer, keep).items():
            alike[kind].append(asset_id)
        bundle_of = {
            asset_id: f" bundle {min(alike_ids)}"  # no id begins with a blank
            for alike_ids in alike.values()
            if len(alike_ids) >= MIN_BUNDLE
            for asset_id in alike_ids
        }
    members: dict[str, list[str]] = defaultdict(list)
    for asset_id in by_name(world, part):
        members[bundle_of.get(asset_id, asset_id)].append(asset_id)
    members_of = {node: tuple(alike_ids) for node, alike_ids in members.items()}
    return DrawnGraph(
        members_of,
        {n: layer[alike_ids[0]] for n, alike_ids in members_of.items()},
        _merged(part, bundle_of),
    )


def _kinds(
    world: World, part: nx.DiGraph[str], layer: Mapping[str, int], keep: Collection[str]
) -> dict[str, tuple[Any, ...]]:
    """Return the kind of each asset: its type, and the kinds of its neighbours towards the root.

    Kinds are assigned from the root outwards: two local substations fed by one station are of one
    kind, and so are the pharmacies behind them, whichever of the two feeds them.
    """
    numbered: dict[tuple[Any, ...], int] = {}
    kinds: dict[str, tuple[Any, ...]] = {}
    for asset_id in sorted(part, key=lambda a: (abs(layer[a]), a)):
        here = layer[asset_id]
        near = part.predecessors(asset_id) if here >= 0 else part.successors(asset_id)
        inner = frozenset(numbered[kinds[a]] for a in near if abs(layer[a]) < abs(here))
        alone = asset_id if asset_id in keep else ""
        kind = (here, world.assets[asset_id].asset_type, inner, alone)
        kinds[asset_id] = kind
        numbered.setdefault(kind, len(numbered))
    return kinds


def _bundle_note(drawn: DrawnGraph) -> str:
    bundles = sum(1 for members in drawn.members.values() if len(members) > 1)
    return _("Similar assets are drawn as one; select one for details.") + " " if bundles else ""


def _merged(part: nx.DiGraph[str], bundle_of: Mapping[str, str]) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(bundle_of.get(asset_id, asset_id) for asset_id in part)
    for supplier, consumer, edge in sorted(edges(part), key=lambda e: e[:2]):
        pair = bundle_of.get(supplier, supplier), bundle_of.get(consumer, consumer)
        if pair[0] == pair[1]:
            continue
        before: Edge = graph.edges[pair]["edge"] if graph.has_edge(*pair) else edge
        services = tuple(sorted({*before.services, *edge.services}))
        basis = weaker_basis(before.basis, edge.basis)
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
    places = box_places({sector: by_name(world, boxes[sector]) for sector in order})
    nodes = [_box(sector, len(boxes[sector]), labels) for sector in order]
    for asset_id, place in places.items():
        node = _node(world, labels, world.place_of, asset_id, place, compact=True)
        node["data"]["parent"] = _box_id(world.assets[asset_id].sector)
        nodes.append(node)
    summary = _(
        "{sectors} sectors, {assets} assets; lines count the needs between sectors."
    ).format(sectors=number(len(boxes)), assets=number(len(shown)))
    return Part(nodes + _sector_edges(world, graph, labels), f"{summary} {note}".strip())


def _cut(world: World, assets: Iterable[str], key: Any) -> tuple[list[str], str]:
    """Return at most :data:`MAX_NODES`, the most important first, and a note on the rest."""
    ordered = sorted(assets, key=lambda a: (key(a), world.label(a), a))
    if len(ordered) <= MAX_NODES:
        return ordered, ""
    note = _("Only {n} of {all} are drawn.")
    return ordered[:MAX_NODES], note.format(n=number(MAX_NODES), all=number(len(ordered)))


# ------------------------------------------------------------------ elements

# Nodes, boxes and edges share one namespace in the browser, and asset ids may be any text: also
# that of an edge, of a box, or of a property of every JavaScript object.


def _node_id(node: str) -> str:
    return f"asset:{node}"


def _box_id(sector: str) -> str:
    return f"sector:{sector}"


def _edge_id(kind: str, one: str, other: str) -> str:
    return f"{kind}:{json.dumps([one, other], ensure_ascii=False)}"


def _elements(world: World, labels: Labels, drawn: DrawnGraph) -> list[Element]:
    index, places = world.place_of, places_of(world, drawn)
    nodes = [
        _node(world, labels, index, node, places[node])
        if node in index
        else _bundle(world, labels, index, node, members, places[node])
        for node, members in drawn.members.items()
    ]
    between = [
        _edge(labels, supplier, consumer, edge) for supplier, consumer, edge in edges(drawn.graph)
    ]
    return nodes + sorted(between, key=lambda e: str(e["data"]["id"]))


def _bundle(
    world: World,
    labels: Labels,
    index: Mapping[str, int],
    node: str,
    members: Sequence[str],
    place: tuple[float, float],
) -> Element:
    """Return one node for several similar assets; the script shows their states."""
    asset = world.assets[members[0]]
    name = f"{len(members)} × {labels.asset_type(asset.asset_type)}"
    return {
        "data": {
            "id": _node_id(node),
            "label": f"{len(members)} × {_brief(labels.asset_type(asset.asset_type))}",
            "name": name,
            "type": labels.asset_type(asset.asset_type),
            "sector": asset.sector,
            "members": [index[asset_id] for asset_id in members],
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
            "id": _node_id(asset_id),
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
            "id": _edge_id("need", supplier, consumer),
            "source": _node_id(supplier),
            "target": _node_id(consumer),
            "label": words,
            "basis": edge.basis,
        },
        "classes": f"need {edge.basis}",
    }


def _box(sector: str, count: int, labels: Labels) -> Element:
    return {
        "data": {
            "id": _box_id(sector),
            "label": f"{labels.sector(sector)} ({count})",
            "sector": sector,
        },
        "classes": "sector",
        "selectable": False,
    }


def _sector_edges(world: World, graph: nx.DiGraph[str], labels: Labels) -> list[Element]:
    counts: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    services: dict[tuple[str, str], set[str]] = defaultdict(set)
    for supplier, consumer, edge in edges(graph):
        pair = (world.assets[supplier].sector, world.assets[consumer].sector)
        if pair[0] != pair[1]:
            counts[pair].add((supplier, consumer))
            services[pair] |= set(edge.services)
    return [
        {
            "data": {
                "id": _edge_id("between", sector, other),
                "source": _box_id(sector),
                "target": _box_id(other),
                "count": len(needs),
                "width": round(1 + min(7.0, len(needs) ** 0.5 / 2), 1),
                "label": _between(len(needs), services[sector, other], labels),
            },
            "classes": "between",
        }
        for (sector, other), needs in sorted(counts.items())
    ]


def _between(count: int, services: Iterable[str], labels: Labels) -> str:
    named = ", ".join(sorted(lower_first(labels.service(service)) for service in services))
    text = n_("{n} need: {services}", "{n} needs: {services}", count)
    return text.format(n=number(count), services=named)
