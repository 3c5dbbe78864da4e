"""Positions of the dependency graph's nodes: suppliers left, consumers right, few crossings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from models.world import World

COLUMN_PX, ROW_PX, GAP_PX = 176, 46, 22
#: a layer taller than this continues in a second column
ROWS_PER_COLUMN = 14

Places = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class DrawnGraph:
    """A graph to draw: nodes with the assets in each, their layers, and edges."""

    members: Mapping[str, tuple[str, ...]]
    layer: Mapping[str, int]
    graph: nx.DiGraph[str]


def signed_distance(graph: nx.DiGraph[str], roots: Sequence[str], steps: int) -> dict[str, int]:
    """Return the signed distance to the roots in steps: suppliers negative, consumers positive."""
    layer = dict.fromkeys(roots, 0)
    for sign, ways in ((-1, graph.predecessors), (1, graph.successors)):
        frontier = list(roots)
        for step in range(1, steps + 1):
            nexts = sorted({there for here in frontier for there in ways(here)} - layer.keys())
            layer.update(dict.fromkeys(nexts, sign * step))
            frontier = nexts
    return layer


def layers_of(graph: nx.DiGraph[str]) -> dict[str, int]:
    """Return the length of the longest path to each asset; a loop is one layer."""
    loops = nx.condensation(graph)
    depth: dict[int, int] = {}
    for loop in nx.topological_sort(loops):
        depth[loop] = max((depth[p] + 1 for p in loops.predecessors(loop)), default=0)
    return {a: depth[loop] for loop in loops for a in loops.nodes[loop]["members"]}


def places_of(world: World, drawn: DrawnGraph) -> Places:
    """Return a place for each node: layers from left to right, few crossings within."""
    columns: dict[int, list[str]] = defaultdict(list)
    first = {node: assets[0] for node, assets in drawn.members.items()}
    for node in sorted(first, key=lambda n: _name_order(world, first[n])):
        columns[drawn.layer[node]].append(node)
    order = sorted(columns)
    for sweep in range(4):
        _sweep(drawn.graph, columns, order if sweep % 2 == 0 else order[::-1])
    return _spread([columns[number] for number in order])


def _name_order(world: World, asset_id: str) -> tuple[str, str, str]:
    return world.assets[asset_id].sector, world.label(asset_id), asset_id


def by_name(world: World, assets: Iterable[str]) -> list[str]:
    """Return assets by sector and name."""
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
    ranks = [rank[other] for other in near if other in rank]
    return sum(ranks) / len(ranks) if ranks else otherwise


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


def box_places(boxes: Mapping[str, Sequence[str]]) -> Places:
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
