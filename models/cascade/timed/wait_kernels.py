"""Compiled graphs: which stuck assets wait for which, and what is upstream of lost needs."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import part
from models.cascade.components import components
from models.cascade.timed.closure_kernels import still_lost
from models.cascade.timed.level_kernels import TOLERANCE
from models.cascade.timed.network_kernels import find_parts

#: Which graph to build: waits among stuck assets, or everything upstream of lost needs.
WAITS, LOST_NEEDS = np.arange(2)


@part
def rings(f, s, best):  # type: ignore[no-untyped-def]
    """Return the assets that wait for each other, by ring, and the start of each ring.

    Called within a closure. Slots and parts of networks are nodes between.
    """
    n = len(f.asset)
    # an asset that waits for nothing on a loop is in no ring
    seeds, size = np.empty(len(f.looped), np.int32), 0
    for a in f.looped:
        if s.asset[a].stuck:
            seeds[size] = a
            size += 1
    nodes, ptr, target = explore(f, s, best, seeds[:size], WAITS)
    order, blocks = components(ptr, target, np.arange(len(nodes)).astype(np.int32))
    assets = np.empty(size, np.int32)
    starts = np.zeros(size + 1, np.int32)
    n_assets, size = 0, 0
    for b in range(len(blocks) - 1):
        first, end = blocks[b], blocks[b + 1]
        ring = end - first > 1
        if not ring:
            i = order[first]
            for j in range(ptr[i], ptr[i + 1]):
                ring = ring or target[j] == i
        if not ring:
            continue
        begin = n_assets
        for i in order[first:end]:
            if nodes[i] < n:
                assets[n_assets] = nodes[i]
                n_assets += 1
        if n_assets > begin:
            size += 1
            starts[size] = n_assets
    return assets[:n_assets], starts[: size + 1]


@part
def explore(f, s, best, seeds, graph):  # type: ignore[no-untyped-def]
    """Return all nodes reachable from the seeds, and the edges between them as a CSR graph."""
    n, size = len(f.asset), len(f.slot)
    labelled = np.zeros(len(f.has_demand), np.uint8)
    nodes = np.empty(len(seeds) + 64, np.int32)
    ptr = np.zeros(len(seeds) + 65, np.int32)
    target = np.empty(256, np.int32)
    count, edges = 0, np.int64(0)
    for a in seeds:
        nodes[count] = a
        count += 1
        s.node[a] = count
    head = 0
    while head < count:
        node = np.int64(nodes[head])
        begin = edges
        if node < n:
            target, edges = _edges_of_asset(f, s, best, node, graph, target, edges)
        elif node < n + size:
            x = node - n
            net = np.int64(f.slot[x].net)
            if f.has_demand[net] and not labelled[net]:
                labelled[net] = 1
                find_parts(f, s, net)
            target, edges = _edges_of_slot(f, s, best, x, graph, target, edges)
        else:
            target, edges = _edges_of_part(f, s, best, node - n - size, graph, target, edges)
        for i in range(begin, edges):
            to = target[i]
            if s.node[to] == 0:
                if count == len(nodes):
                    nodes = _longer(nodes)
                    ptr = _longer(ptr)
                nodes[count] = to
                count += 1
                s.node[to] = count
            target[i] = s.node[to] - 1
        head += 1
        ptr[head] = edges
    for i in range(count):
        s.node[nodes[i]] = 0
    return nodes[:count], ptr[: count + 1], target[:edges]


@part
def _edges_of_asset(f, s, best, a, graph, target, edges):  # type: ignore[no-untyped-def]
    n = len(f.asset)
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if f.group[g].loss <= 0.0 or not still_lost(s, g):
            continue
        if graph == WAITS and not f.group[g].on_loop:
            continue
        # a group lost in the greatest fixed point, too, holds no asset below its level there
        if graph == WAITS and best.group[g].lost:
            continue
        for e in range(f.group[g].first, f.group[g].end):
            v = f.source[e]
            # an asset that does not deliver in the greatest fixed point is never waited for
            if graph == WAITS and best.value[v] <= s.value[v] + TOLERANCE:
                continue
            supplier = np.int64(v if v < n else f.slot[v - n].asset)
            if graph == LOST_NEEDS or s.asset[supplier].stuck:
                target, edges = append(target, edges, supplier)
            if v >= n and (graph == LOST_NEEDS or s.value[v] < 1.0):
                target, edges = append(target, edges, np.int64(v))
    return target, edges


@part
def _edges_of_slot(f, s, best, x, graph, target, edges):  # type: ignore[no-untyped-def]
    """Add edges from a slot to its asset, against usable links, and to its part if that is fed."""
    n, a = len(f.asset), np.int64(f.slot[x].asset)
    if graph == LOST_NEEDS or (s.asset[a].stuck and _would_help(f, s, best, x)):
        target, edges = append(target, edges, a)
    if s.own[a] <= 0.0:
        return target, edges
    for i in range(f.inward_ptr[x], f.inward_ptr[x + 1]):
        y = f.inward[i]
        if s.is_cut[f.inward_link[i]] == 0 and s.own[f.slot[y].asset] > 0.0:
            target, edges = append(target, edges, n + y)
    if f.has_demand[f.slot[x].net]:
        target, edges = append(target, edges, n + len(f.slot) + s.part[x])
    return target, edges


@part
def _would_help(f, s, best, x):  # type: ignore[no-untyped-def]
    """Whether a slot would deliver more in the greatest fixed point."""
    return best.value[len(f.asset) + x] > s.value[len(f.asset) + x] + TOLERANCE


@part
def _edges_of_part(f, s, best, p, graph, target, edges):  # type: ignore[no-untyped-def]
    net = f.slot[p].net
    for i in range(f.source_ptr[net], f.source_ptr[net + 1]):
        x = np.int64(f.feeder[i])
        a = np.int64(f.slot[x].asset)
        helps = graph == LOST_NEEDS or (s.asset[a].stuck and _would_help(f, s, best, x))
        if s.part[x] == p and helps:
            target, edges = append(target, edges, a)
    return target, edges


@part
def append(array, size, item):  # type: ignore[no-untyped-def]
    """Append an item; return the array, enlarged if necessary, and its number of items."""
    if size == len(array):
        array = _longer(array)
    array[size] = item
    return array, size + 1


@part
def _longer(array):  # type: ignore[no-untyped-def]
    longer = np.zeros(2 * len(array), array.dtype)
    longer[: len(array)] = array
    return longer
