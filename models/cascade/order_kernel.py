"""Strongly connected components of a graph in arrays (Tarjan 1972, doi:10.1137/0201010)."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def components(ptr, target, start):  # type: ignore[no-untyped-def]
    """Return the nodes by component, what they point to first, and where components begin.

    ``ptr`` [n + 1] and ``target`` [e] are the graph; ``start`` [n] is the order in which nodes
    are taken as seeds. Without recursion, so depth is no limit.
    """
    n = len(ptr) - 1
    found = np.zeros(n, np.int32)  # when a node was met, from 1; 0: not yet
    low = np.zeros(n, np.int32)
    open_ = np.zeros(n, np.uint8)  # met, and its component is not closed yet
    waiting = np.empty(n, np.int32)  # nodes of components that are not closed yet
    path = np.empty(n, np.int32)
    at = np.empty(n, np.int32)  # next edge to follow of each node on the path
    order = np.empty(n, np.int32)
    block_ptr = np.zeros(n + 1, np.int32)
    clock, n_waiting, n_done, n_blocks = 0, 0, 0, 0
    for seed in start:
        if found[seed]:
            continue
        depth = 0
        path[0] = seed
        while depth >= 0:
            v = path[depth]
            if not found[v]:
                clock += 1
                found[v] = low[v] = clock
                open_[v] = 1
                waiting[n_waiting] = v
                n_waiting += 1
                at[v] = ptr[v]
            down = False
            while at[v] < ptr[v + 1]:
                w = target[at[v]]
                at[v] += 1
                if not found[w]:
                    depth += 1
                    path[depth] = w
                    down = True
                    break
                if open_[w] and found[w] < low[v]:
                    low[v] = found[w]
            if down:
                continue
            if low[v] == found[v]:
                while True:
                    n_waiting -= 1
                    w = waiting[n_waiting]
                    open_[w] = 0
                    order[n_done] = w
                    n_done += 1
                    if w == v:
                        break
                n_blocks += 1
                block_ptr[n_blocks] = n_done
            depth -= 1
            if depth >= 0 and low[v] < low[path[depth]]:
                low[path[depth]] = low[v]
    return order, block_ptr[: n_blocks + 1].copy()
