"""What other schools of models promise, kept by ours where the worlds are theirs.

- Interdependent networks with all-or-nothing assets: who still works in the end is the largest
  set that can work by itself. It exists since being served is monotone (Tarski 1955,
  doi:10.2140/pjm.1955.5.285); here it is found by trying every set.
- Flow balance of a power grid that has come apart: each part serves min(1, generation /
  consumption), one without generation nothing.
- Connectivity: who is reached by a source in the graph is who the engine energises.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cascade.reference.engine import run
from models.criticality.connectivity import connectivity, link_network, out_at
from models.scenario import Event, Scenario
from models.world import Flow, Group, Link, Supplier, World
from tests.strategies import SERVICES, asset, cases, world_of

TYPES = ("plant", "mast", "pump")
#: Later than any chain of the autonomies below can end.
HORIZON_H = 100.0


@st.composite
def typed_worlds(draw: st.DrawFn, *, autonomy: bool) -> World:
    """Return a world of up to six assets with one group per consumer and type of supplier."""
    ids = [f"a{i}" for i in range(draw(st.integers(1, 6)))]
    type_of = {i: draw(st.sampled_from(TYPES)) for i in ids}
    sources = st.sets(st.sampled_from(SERVICES)).map(lambda s: tuple(sorted(s)))
    groups = []
    for consumer in ids:
        suppliers = draw(st.sets(st.sampled_from(ids), max_size=4)) - {consumer}
        for kind in TYPES:
            alike = sorted(s for s in suppliers if type_of[s] == kind)
            if alike:
                groups.append(
                    Group(
                        f"{consumer}-{kind}",
                        consumer,
                        draw(st.sampled_from(SERVICES)),
                        tuple(Supplier(s) for s in alike),
                        autonomy_h=draw(st.sampled_from([0.0, 0.5, 3.0])) if autonomy else 0.0,
                    )
                )
    asset_ids = st.sampled_from(ids)
    links = [
        Link(
            f"l{n}",
            draw(asset_ids),
            draw(asset_ids),
            draw(st.sampled_from(SERVICES)),
            draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, 6)))
    ]
    assets = [replace(asset(i, source_of=draw(sources)), asset_type=type_of[i]) for i in ids]
    return world_of(assets, groups, links)


@st.composite
def hit(draw: st.DrawFn, *, autonomy: bool) -> tuple[World, frozenset[str], frozenset[str]]:
    world = draw(typed_worlds(autonomy=autonomy))
    assets = draw(st.frozensets(st.sampled_from(sorted(world.assets)), max_size=3))
    links = st.frozensets(st.sampled_from(sorted(world.links)), max_size=3)
    return world, assets, draw(links) if world.links else frozenset()


def failing(assets, links) -> Scenario:
    events = [Event(0.0, "fail", a) for a in sorted(assets)]
    events += [Event(0.0, "fail", link=link) for link in sorted(links)]
    return Scenario("w", tuple(events), horizon_h=HORIZON_H)


def delivering(world: World, working: frozenset[str], links_out, service: str) -> set[str]:
    """Return who of ``working`` delivers: reached from a source if it is in the network at all."""
    graph = nx.DiGraph()
    graph.add_nodes_from(a for a in working)
    members = {a.asset_id for a in world.assets.values() if service in a.source_of}
    sources = members & working
    for link in world.links.values():
        if link.service != service:
            continue
        members |= {link.from_id, link.to_id}
        if link.link_id not in links_out and {link.from_id, link.to_id} <= working:
            graph.add_edge(link.from_id, link.to_id)
            if not link.directed:
                graph.add_edge(link.to_id, link.from_id)
    reached = sources.union(*(nx.descendants(graph, s) for s in sources))
    return (working - members) | reached


def is_consistent(world: World, working: frozenset[str], links_out) -> bool:
    """Whether every working asset is served by working ones alone."""
    gives = {s: delivering(world, working, links_out, s) for s in SERVICES}
    return all(
        any(s.asset_id in gives[group.service] for s in group.suppliers)
        for group in world.groups.values()
        if group.consumer_id in working
    )


def largest_consistent_set(world: World, assets_out, links_out) -> frozenset[str]:
    """Return the union of all consistent sets without what is hit, found by trying each."""
    left = sorted(world.assets.keys() - assets_out)
    every = (frozenset(c) for n in range(len(left) + 1) for c in combinations(left, n))
    consistent = [chosen for chosen in every if is_consistent(world, chosen, links_out)]
    return frozenset().union(*consistent)


def working_at_the_end(world: World, scenario: Scenario) -> frozenset[str]:
    outcome = run(world, scenario)
    fallen = {a for a, course in outcome.assets.items() if course.level_end == 0}
    assert all(course.level_end in (0, 1) for course in outcome.assets.values())
    return frozenset(world.assets.keys() - fallen)


@given(hit(autonomy=False))
def test_who_works_is_the_largest_consistent_set(case):
    world, assets_out, links_out = case
    largest = largest_consistent_set(world, assets_out, links_out)
    assert is_consistent(world, largest, links_out)
    assert working_at_the_end(world, failing(assets_out, links_out)) == largest


@given(hit(autonomy=True))
def test_autonomy_delays_but_does_not_change_the_end(case):
    world, assets_out, links_out = case
    fallen = working_at_the_end(world, failing(assets_out, links_out))
    assert fallen == largest_consistent_set(world, assets_out, links_out)


@st.composite
def grids(draw: st.DrawFn) -> World:
    """Return an undirected power grid, some of whose assets generate and some consume."""
    ids = [f"a{i}" for i in range(draw(st.integers(2, 8)))]
    amounts = st.sampled_from([0.5, 1.0, 2.0, 3.0])
    flows = [
        Flow(i, "power", supply=draw(st.sampled_from([0.0, 0.5, 1.0, 2.5])))
        if draw(st.booleans())
        else Flow(i, "power", demand=draw(amounts))
        for i in ids
        if draw(st.booleans())
    ]
    asset_ids = st.sampled_from(ids)
    # joined in a row, so that hits take it apart, with a few meshes
    links = [Link(f"r{n}", a, b, "power") for n, (a, b) in enumerate(pairwise(ids))]
    links += [
        Link(f"m{n}", draw(asset_ids), draw(asset_ids), "power")
        for n in range(draw(st.integers(0, 2)))
    ]
    return world_of([asset(i) for i in ids], [], links, flows=tuple(flows))


@given(grids(), st.data())
def test_a_part_of_a_grid_serves_what_its_generation_covers(world, data):
    assets_out = data.draw(st.frozensets(st.sampled_from(sorted(world.assets)), max_size=2))
    links_out = data.draw(st.frozensets(st.sampled_from(sorted(world.links)), max_size=3))
    outcome = run(world, failing(assets_out, links_out))
    left = nx.Graph()
    left.add_nodes_from(world.assets.keys() - assets_out)
    left.add_edges_from(
        (link.from_id, link.to_id)
        for link in world.links.values()
        if link.link_id not in links_out and not {link.from_id, link.to_id} & assets_out
    )
    supply = {f.asset_id: f.supply for f in world.flows if f.supply is not None}
    demand = {f.asset_id: f.demand for f in world.flows if f.demand is not None}
    for part in nx.connected_components(left):
        generation = [supply[a] for a in part if a in supply]
        consumption = sum(demand.get(a, 0.0) for a in part)
        expected = 0.0
        if generation:
            expected = min(1.0, sum(generation) / consumption) if consumption else 1.0
        for name in part:
            course = outcome.assets.get(name)
            delivered = course.delivers_end["power"] if course else 1.0
            assert delivered == pytest.approx(expected, abs=1e-12)


@given(hit(autonomy=False))
def test_a_network_without_a_source_delivers_nothing(case):
    """However much mutual supply and however many links there are."""
    world, assets_out, links_out = case
    world = replace(world, assets={k: replace(a, source_of=()) for k, a in world.assets.items()})
    outcome = run(world, failing(assets_out, links_out))
    for link in world.links.values():
        for end in (link.from_id, link.to_id):
            assert outcome.assets[end].delivers_end[link.service] == 0


@given(cases())
def test_the_engine_energises_whom_a_source_reaches(case):
    world, scenario = case
    outcome = run(world, scenario)
    out = out_at(outcome, outcome.horizon_ms)
    for service in world.link_services:
        measured = connectivity(link_network(world, service), *out)
        network = measured.network
        for node, is_source, ns in zip(
            network.nodes, network.source, measured.after.sources, strict=True
        ):
            course = outcome.assets.get(node)
            energised = course is None or course.delivers_end[service] > 0
            assert energised == (node not in out[0] and bool(is_source or ns))
