"""The arrays say what the world says, suppliers' components first."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
from hypothesis import given, settings

from models.cascade.arrays import WorldArrays, arrays_of
from models.world import Supplier, World
from tests.strategies import asset, needs, world_of, worlds


def _groups(arrays: WorldArrays) -> dict[str, tuple[str, list[tuple[str, float | None]], int, int]]:
    """Read every group back out of the arrays: consumer, suppliers with shares, k, autonomy."""
    result = {}
    for g, (first, last) in enumerate(pairwise(arrays.sup_ptr)):
        suppliers = [
            (arrays.ids[arrays.supplier[i]], None if np.isnan(arrays.share[i]) else arrays.share[i])
            for i in range(first, last)
        ]
        consumer = arrays.ids[arrays.owner[g]]
        result[arrays.group_ids[g]] = (
            consumer, suppliers, int(arrays.k[g]), int(arrays.autonomy_ms[g]),
        )  # fmt: skip
    return result


@given(world=worlds())
@settings(max_examples=150)
def test_the_arrays_say_what_the_world_says(world: World):
    arrays = arrays_of(world)
    assert _groups(arrays) == {
        g.group_id: (
            g.consumer_id,
            [(s.asset_id, s.share) for s in g.suppliers],
            g.k,
            round(g.autonomy_h * 3_600_000),
        )
        for g in world.groups.values()
    }
    assert [arrays.ids[i] for i in np.argsort(arrays.rank)] == sorted(world.assets)
    assert sorted(arrays.group_ids) == sorted(world.groups)
    for i, name in enumerate(arrays.ids):
        mine = range(arrays.group_ptr[i], arrays.group_ptr[i + 1])
        assert [arrays.group_ids[g] for g in mine] == [
            g.group_id for g in world.groups_of.get(name, ())
        ]
        fed = arrays.fed[arrays.fed_ptr[i] : arrays.fed_ptr[i + 1]]
        assert sorted(arrays.group_ids[g] for g in fed) == [
            g.group_id for g in world.groups_fed_by.get(name, ())
        ]
    for g, group_id in enumerate(arrays.group_ids):
        group = world.groups[group_id]
        assert arrays.trip[g] == max(0, len(group.suppliers) - group.k + 1)


@given(world=worlds())
@settings(max_examples=150)
def test_blocks_are_the_components_suppliers_first(world: World):
    arrays = arrays_of(world)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(world.assets)
    for group in world.groups.values():
        graph.add_edges_from((group.consumer_id, s.asset_id) for s in group.suppliers)
    blocks = [set(arrays.ids[a:b]) for a, b in pairwise(arrays.block_ptr)]
    assert sorted(map(sorted, blocks)) == sorted(
        map(sorted, nx.strongly_connected_components(graph))
    )
    block_of = {name: b for b, block in enumerate(blocks) for name in block}
    assert all(block_of[supplier] <= block_of[consumer] for consumer, supplier in graph.edges)


def test_a_world_of_nothing_and_a_group_too_large_for_a_byte():
    assert arrays_of(world_of([])).ids == ()
    names = [f"s{i}" for i in range(300)]
    big = needs("g", "c", " ".join(names), k=1)
    arrays = arrays_of(world_of([asset(n) for n in [*names, "c"]], [big]))
    assert arrays.trip.tolist() == [300] and arrays.trip.dtype == np.int32
    small = needs("g", "c", " ".join(names), k=300)
    assert arrays_of(world_of([asset(n) for n in [*names, "c"]], [small])).trip.dtype == np.uint8


def test_shares_and_partial_losses_are_told_apart_from_k_of_n():
    assets = [asset("a"), asset("b")]
    plain = needs("g", "b", "a")
    assert arrays_of(world_of(assets, [plain])).all_or_nothing
    assert not arrays_of(world_of(assets, [needs("g", "b", "a", loss=0.5)])).all_or_nothing
    shared = needs("g", "b", "a")
    object.__setattr__(shared, "suppliers", (Supplier("a", 1.0),))
    assert not arrays_of(world_of(assets, [shared])).all_or_nothing
