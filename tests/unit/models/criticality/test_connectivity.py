"""Connectivity measures equal a slow networkx reading of their definitions, a query per pair."""

from __future__ import annotations

from math import isnan

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cascade.reference.engine import run
from models.criticality import connectivity as module
from models.criticality.connectivity import Connectivity, connectivity, link_network, out_at
from models.errors import BadInputError
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import Flow, Link, World
from tests.strategies import asset, world_of

#: Few different lengths, so that paths tie; 0 is a switch or a bridge drawn without extent.
LENGTHS = [0.0, 1.0, 1.0, 2.5, 4.0]


@st.composite
def networks(draw: st.DrawFn) -> World:
    """Return a world with one road network: directed and parallel links, loops, idle nodes."""
    ids = [f"n{i}" for i in range(draw(st.integers(1, 8)))]
    asset_ids = st.sampled_from(ids)
    zones = draw(st.sets(asset_ids)) if draw(st.booleans()) else None
    sources, demands = (zones if zones is not None else draw(st.sets(asset_ids)) for _ in range(2))
    measured = draw(st.booleans())
    lengths = st.sampled_from(LENGTHS if measured else [*LENGTHS, None])
    links = [
        Link(
            f"l{i}",
            draw(asset_ids),
            draw(asset_ids),
            "road",
            draw(st.booleans()),
            length_m=draw(lengths),
        )
        for i in range(draw(st.integers(1, 12)))
    ]
    return world_of(
        [asset(i, provides=("road",), source_of=("road",) if i in sources else ()) for i in ids],
        [],
        links,
        flows=tuple(Flow(i, "road", demand=2.0) for i in sorted(demands)),
    )


@st.composite
def damaged(draw: st.DrawFn) -> tuple[World, frozenset[str], frozenset[str]]:
    world = draw(networks())
    nodes = draw(st.frozensets(st.sampled_from(sorted(world.assets)), max_size=3))
    return world, nodes, draw(st.frozensets(st.sampled_from(sorted(world.links)), max_size=4))


def graph_of(world: World, nodes_out=frozenset(), links_out=frozenset()) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(sorted(world.assets.keys() - nodes_out))
    measured = all(link.length_m is not None for link in world.links.values())
    for link in world.links.values():
        if link.link_id in links_out or {link.from_id, link.to_id} & nodes_out:
            continue
        graph.add_edge(link.from_id, link.to_id, d=link.length_m if measured else 1.0)
        if not link.directed:
            graph.add_edge(link.to_id, link.from_id, d=link.length_m if measured else 1.0)
    return graph


def pairs(graph, origins, goals):
    """Return the distance of each pair that a path joins, one query each."""
    return {
        (i, j): nx.shortest_path_length(graph, i, j, weight="d")
        for i in origins
        for j in goals
        if i != j and i in graph and j in graph and nx.has_path(graph, i, j)
    }


def slowly(graph, world: World) -> dict[str, dict[str, float]]:
    """Return efficiency, ns and ws of each asset."""
    sources = [a.asset_id for a in world.assets.values() if "road" in a.source_of]
    to_all = pairs(graph, world.assets, world.assets)
    to_demands = pairs(graph, sources, world.assets)
    others = max(1, len(world.assets) - 1)
    result = {}
    for node in world.assets:
        from_sources = [d for (_, j), d in to_demands.items() if j == node]
        ns = len(from_sources)
        result[node] = {
            "eff": sum(1 / d for (i, _), d in to_all.items() if i == node and d > 0) / others,
            "ns": ns,
            "ws": ns * sum(1 / d for d in from_sources if d > 0),
        }
    return result


def lost(after: float, before: float) -> float:
    return 1 - after / before if before > 0 else float("nan")


@settings(max_examples=300)
@given(damaged())
def test_it_equals_a_path_query_per_pair(case):
    world, nodes_out, links_out = case
    measured = connectivity(link_network(world, "road"), nodes_out, links_out)
    before = slowly(graph_of(world), world)
    after = slowly(graph_of(world, nodes_out, links_out), world)
    assert measured.network.nodes == tuple(sorted(world.assets))
    for i, node in enumerate(measured.network.nodes):
        for there, reach in ((before, measured.before), (after, measured.after)):
            assert reach.efficiency[i] == pytest.approx(there[node]["eff"], rel=1e-12)
            assert reach.sources[i] == there[node]["ns"]
            assert reach.weighted[i] == pytest.approx(there[node]["ws"], rel=1e-12)
        expected = lost(after[node]["ws"], before[node]["ws"])
        assert measured.wcl_of[i] == pytest.approx(expected, abs=1e-12, nan_ok=True)
    assert totals(measured) == pytest.approx(totals_slowly(world, before, after), nan_ok=True)


def totals(measured: Connectivity) -> dict[str, float]:
    return {name: getattr(measured, name) for name in ("ccl", "pcl", "wcl", "el")}


def totals_slowly(world, before, after) -> dict[str, float]:
    demands = {flow.asset_id for flow in world.flows}
    sources = {a.asset_id for a in world.assets.values() if a.source_of}
    result = dict.fromkeys(("ccl", "pcl", "wcl"), float("nan"))
    if demands and sources:
        if demands != sources:
            reached = [sum(at[d]["ns"] > 0 for d in demands) for at in (after, before)]
            result["ccl"] = lost(*reached)
        for name, what in (("pcl", "ns"), ("wcl", "ws")):
            each = [lost(after[d][what], before[d][what]) for d in sorted(demands)]
            known = [x for x in each if not isnan(x)]
            result[name] = sum(known) / len(known) if known else float("nan")
    efficiency = (sum(node["eff"] for node in at.values()) for at in (after, before))
    return result | {"el": lost(*efficiency)}


@given(damaged())
def test_memory_bound_and_order_of_rows_change_nothing(case):
    world, nodes_out, links_out = case
    whole = connectivity(link_network(world, "road"), nodes_out, links_out)
    turned = world_of(
        list(reversed(world.assets.values())),
        [],
        list(reversed(world.links.values())),
        flows=tuple(reversed(world.flows)),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS", 1)  # one search at a time
        done: list[None] = []
        network = link_network(turned, "road")
        small = connectivity(network, nodes_out, links_out, lambda: done.append(None))
        assert network.batch == 1
        assert len(network.nodes) <= len(done) <= network.batches
    for one, other in ((whole.before, small.before), (whole.after, small.after)):
        assert np.array_equal(one.efficiency, other.efficiency)
        assert np.array_equal(one.sources, other.sources)
        assert one.closeness == pytest.approx(other.closeness, rel=1e-12)


@given(networks())
def test_nothing_hit_loses_nothing(world):
    measured = connectivity(link_network(world, "road"), frozenset(), frozenset())
    assert all(value == 0 or isnan(value) for value in totals(measured).values())
    assert not measured.el_of.any()


@given(networks())
def test_everything_hit_loses_all_there_was(world):
    measured = connectivity(link_network(world, "road"), frozenset(world.assets), frozenset())
    assert all(value == 1 or isnan(value) for value in totals(measured).values())
    assert np.array_equal(measured.el_of, (measured.before.efficiency > 0).astype(float))


def test_nodes_sources_and_demands_are_read_from_all_tables():
    """mill - shop by a link; farm provides, well is a source by supply, inn has no demand left."""
    world = world_of(
        [
            asset("mill", source_of=("road",)),
            asset("shop"),
            asset("farm", provides=("road",)),
            asset("well"),
            asset("inn"),
            asset("else", provides=("rail",)),
        ],
        [],
        [Link("l", "mill", "shop", "road"), Link("r", "shop", "else", "rail", length_m=3.0)],
        flows=(
            Flow("shop", "road", demand=1.0),
            Flow("well", "road", supply=0.0),
            Flow("inn", "road", demand=0.0),
            Flow("else", "rail", demand=1.0),
        ),
    )
    network = link_network(world, "road")
    assert network.nodes == ("farm", "inn", "mill", "shop", "well")
    assert [n for n, is_one in zip(network.nodes, network.source, strict=True) if is_one] == [
        "mill",
        "well",
    ]
    assert [n for n, is_one in zip(network.nodes, network.demand, strict=True) if is_one] == [
        "shop"
    ]
    assert (network.mode, network.weight) == ("demand", "hops")
    assert (link_network(world, "rail").mode, link_network(world, "rail").weight) == (
        "general",
        "length_m",
    )


def test_an_unknown_service_is_told_with_what_was_meant():
    world = world_of([asset("a"), asset("b")], [], [Link("l", "a", "b", "road")])
    with pytest.raises(BadInputError, match=r"service 'raod'. Did you mean 'road'\?"):
        link_network(world, "raod")
    with pytest.raises(BadInputError, match=r"Links carry nothing\."):
        link_network(world_of([asset("a")]), "road")


def test_what_is_out_is_read_at_an_hour():
    """b is hit at 1 h and repaired at 3 h, the link at 2 h; c is degraded, which is not out."""
    world = world_of([asset(i) for i in "abc"], [], [Link("l", "a", "b", "road")])
    events = (
        Event(1.0, "fail", "b"),
        Event(2.0, "fail", link="l"),
        Event(2.0, "degrade", "c", to=0.1),
        Event(3.0, "repair", "b"),
    )
    outcome = run(world, Scenario("w", events, horizon_h=4.0))
    out_at_hour = {h: out_at(outcome, to_ms(h)) for h in (0.0, 0.99, 1.0, 2.0, 3.0, 4.0)}
    nothing, b, link = frozenset(), frozenset({"b"}), frozenset({"l"})
    assert out_at_hour == {
        0.0: (nothing, nothing),
        0.99: (nothing, nothing),
        1.0: (b, nothing),
        2.0: (b, link),
        3.0: (nothing, link),
        4.0: (nothing, link),
    }
