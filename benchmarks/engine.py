"""The cascade engine on the embedded region, beside a plain search through the same graph."""

from __future__ import annotations

import networkx as nx

from benchmarks.table import Row, alternating_ms
from data.scenarios import read_scenario, ready_scenarios
from data.worlds import find_world, read_world
from models.cascade.engine import run
from models.scenario import Scenario
from models.world import World

AIM_MS = 50.0


def rows() -> list[Row]:
    """Measure each ready scenario, alternating with a breadth-first search from what is hit."""
    folder = find_world("neubrandenburg")
    world = read_world(folder)
    graph = _graph(world)
    size = f"{len(world.assets)} assets, {len(world.groups)} groups, {len(world.links)} links"
    found = []
    for _, path in ready_scenarios(folder):
        scenario = read_scenario(path, world)
        ours, search = alternating_ms(
            lambda s=scenario: run(world, s), lambda s=scenario: _reached(graph, world, s)
        )
        lost = len(run(world, scenario).assets)
        found.append(
            Row(
                f"one cascade, {path.stem}",
                f"{ours:.1f} ms",
                f"< {AIM_MS:.0f} ms",
                f"{lost} lost of {size}; {ours / search:.0f} x networkx BFS ({search:.2f} ms)",
            )
        )
    return found


def _graph(world: World) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(world.assets)
    for group in world.groups.values():
        graph.add_edges_from((s.asset_id, group.consumer_id) for s in group.suppliers)
    for link in world.links.values():
        graph.add_edges_from([(link.from_id, link.to_id), (link.to_id, link.from_id)])
    return graph


def _reached(graph: nx.DiGraph[str], world: World, scenario: Scenario) -> int:
    links = (world.links[e.link].from_id for e in scenario.events if e.link)
    hit = [*links, *(e.asset for e in scenario.events if e.asset)]
    seen: set[str] = set()
    for one in hit:
        seen |= {one, *(child for _, child in nx.bfs_edges(graph, one))}
    return len(seen)
