"""The fail-only core on synthetic worlds, beside networkx written by hand, plain search and others.

Peers alternate with it in one process and their answers are compared. What would take a peer
minutes is measured on a sample of sources and scaled up, and the row says so.
"""

from __future__ import annotations

import gc
import heapq
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import igraph
import networkit
import networkx as nx
import numpy as np
from numba import njit
from scipy.sparse import coo_matrix

from benchmarks.synthetic import Family, Synthetic, synthetic
from benchmarks.table import Row, alternating_ms
from data.cache.arrays import read_arrays, write_arrays
from models.cascade.arrays import I32, I64, WorldArrays
from models.cascade.yes_or_no import Core, Timed, every_cascade, every_single, hidden_pairs
from models.cascade.yes_or_no.core_kernels import reach, spread, take_back
from settings import ROOT

K100, M1 = 100_000, 1_000_000
HORIZON = 1 << 50


def rows() -> Iterator[Row]:
    """Measure one cascade, every single one, pairs, and memory."""
    for size in (K100, M1):
        yield from _one_cascade(size)
    for family in ("infra", "infraw", "rand", "randand"):
        yield from _singles(family)
    yield _pairs()
    yield _memory()


# -- one cascade -------------------------------------------------------------------------------


def _one_cascade(size: int) -> Iterator[Row]:
    made, arrays = _world("infra", size)
    hits = made.of_kind(arrays, "power_plant")
    core, search, timed = Core(arrays), _Search(arrays), _Clock(arrays)
    works: list[Callable[[], object]] = [
        lambda: search(hits), lambda: core.lost(hits), lambda: timed(hits),
    ]  # fmt: skip
    names = f"all {len(hits):,} plants of infra {size:,}"
    if size > K100:  # the graph alone would take minutes and gigabytes
        plain, boolean, hours = alternating_ms(*works)
        yield Row(f"timed, {names}", f"{plain / hours:.0%} of BFS", "≥ 35 %", f"{hours:.0f} ms")
        yield Row(f"boolean, {names}", f"{plain / boolean:.0%} of BFS", "≥ 75 %",
                  f"{boolean:.0f} ms with undo; BFS {plain:.0f} ms")  # fmt: skip
        return
    graph = _networkx(arrays)
    assert _hours_by_hand(graph, hits) == timed.hours(hits)
    assert _lost_by_hand(graph, hits) == set(core.lost(hits).tolist())
    assert len(search(hits)) == len(core.lost(hits)) == size  # the same edges are followed
    plain, boolean, hours = alternating_ms(*works, repeats=15)
    ours, by_hand, ours_plain, plain_by_hand = alternating_ms(
        works[2], lambda: _hours_by_hand(graph, hits),
        works[1], lambda: _lost_by_hand(graph, hits), repeats=7,
    )  # fmt: skip
    yield Row(f"timed, {names}", f"{by_hand / ours:.0f} x networkx", "≥ 100 x",
              f"{hours:.1f} ms; the same hours")  # fmt: skip
    yield Row(f"timed, {names}", f"{plain / hours:.0%} of BFS", "≥ 35 %", f"BFS {plain:.1f} ms")
    yield Row(f"boolean, {names}", f"{plain_by_hand / ours_plain:.0f} x networkx", "",
              f"{boolean:.1f} ms, with undo; the same assets")  # fmt: skip
    yield Row(f"boolean, {names}", f"{plain / boolean:.0%} of BFS", "≥ 75 %", "with undo")


class _Search:
    """Plain breadth-first search through the same edges, supplier → consumer."""

    def __init__(self, arrays: WorldArrays) -> None:
        self.ptr, self.target = arrays.fed_ptr, arrays.owner[arrays.fed]
        self.seen = np.zeros(len(arrays.ids), dtype=np.uint8)
        self.queue = np.empty(len(arrays.ids), dtype=np.int32)

    def __call__(self, hits: I32) -> I32:
        self.seen.fill(0)
        self.queue[: len(hits)] = hits
        return self.queue[: reach(self.ptr, self.target, self.seen, self.queue, len(hits))]


class _Clock:
    """The timed kernel, from fresh memory to fresh memory."""

    def __init__(self, arrays: WorldArrays) -> None:
        self.timed = Timed(arrays)

    def __call__(self, hits: I32, horizon: int = HORIZON) -> int:
        self.timed.run(hits, np.zeros(len(hits), dtype=np.int64), horizon)
        lost = self.timed.size
        self.timed.wipe()
        return lost

    def hours(self, hits: I32) -> dict[int, int]:
        self.timed.run(hits, np.zeros(len(hits), dtype=np.int64), HORIZON)
        hour_of = {int(u): int(self.timed.time[u]) for u in self.timed.order[: self.timed.size]}
        self.timed.wipe()
        return hour_of


def _networkx(arrays: WorldArrays) -> nx.DiGraph[int]:
    """Return asset → group → consumer; groups are numbered behind the assets."""
    n = len(arrays.ids)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(n))
    needed, hours = arrays.trip.tolist(), arrays.autonomy_ms.tolist()
    for g, owner in enumerate(arrays.owner.tolist()):
        graph.add_node(n + g, needed=needed[g], autonomy_ms=hours[g])
        graph.add_edge(n + g, owner)
    of = np.repeat(np.arange(len(arrays.owner)), np.diff(arrays.sup_ptr)) + n
    graph.add_edges_from(zip(arrays.supplier.tolist(), of.tolist(), strict=True))
    return graph


def _hours_by_hand(graph: nx.DiGraph[int], hits: I32) -> dict[int, int]:
    lost: dict[int, int] = {}
    left: dict[int, int] = {}
    waiting = [(0, int(u)) for u in hits]
    heapq.heapify(waiting)
    while waiting:
        now, u = heapq.heappop(waiting)
        if u in lost:
            continue
        lost[u] = now
        for g in graph.successors(u):
            left[g] = left.get(g, graph.nodes[g]["needed"]) - 1
            if left[g] == 0:
                for owner in graph.successors(g):
                    if owner not in lost:
                        heapq.heappush(waiting, (now + graph.nodes[g]["autonomy_ms"], owner))
    return lost


def _lost_by_hand(graph: nx.DiGraph[int], hits: I32) -> set[int]:
    lost = {int(u) for u in hits}
    left: dict[int, int] = {}
    waiting = list(lost)
    while waiting:
        for g in graph.successors(waiting.pop()):
            left[g] = left.get(g, graph.nodes[g]["needed"]) - 1
            if left[g] == 0:
                for owner in graph.successors(g):
                    if owner not in lost:
                        lost.add(owner)
                        waiting.append(owner)
    return lost


# -- every single asset ------------------------------------------------------------------------

#: BFS passes at most, and how many sources networkx is asked
SINGLES: dict[Family, tuple[str, int]] = {
    "infra": ("≤ 10 BFS", 2000),
    "infraw": ("≤ 500 BFS", 40),
    "rand": ("≤ 10 BFS", 5),
    "randand": ("", 5),
}


def _singles(family: Family) -> Iterator[Row]:
    made, arrays = _world(family, K100)
    core, search = Core(arrays), _Search(arrays)
    weight = np.ones((K100, 1), dtype=np.int64)
    start = (
        made.of_kind(arrays, "power_plant")
        if family.startswith("infra")
        else np.arange(0, K100, 250, dtype=np.int32)
    )
    one, all_ = alternating_ms(lambda: search(start), lambda: every_single(core, weight), repeats=5)
    sizes = every_single(core, weight)[:, 0]
    aim, sample = SINGLES[family]
    graph = _networkx(arrays)
    sources = np.random.default_rng(1).integers(0, K100, sample)
    began = time.perf_counter()
    by_hand = [len(_lost_by_hand(graph, sources[i : i + 1])) for i in range(sample)]
    taken = (time.perf_counter() - began) * 1000 / sample * K100
    assert by_hand == sizes[sources].tolist()
    what = f"every single asset of {family} {K100:,}"
    lost = f"{sizes.mean():,.1f} lost on average, at most {sizes.max():,}"
    yield Row(what, f"{all_ / one:.1f} BFS", aim, f"{all_:.0f} ms; {lost}")
    yield Row(what, f"{taken / all_:,.0f} x networkx", "≥ 70 x" if family == "infra" else "",
              f"networkx from {sample:,} sources, scaled up")  # fmt: skip
    if family == "randand":
        yield from _reachability(arrays, sizes, what)


def _reachability(arrays: WorldArrays, sizes: I64, what: str) -> Iterator[Row]:
    """Where every supplier is needed, the question is plain reachability: others know that."""
    n = len(arrays.ids)
    target = arrays.owner[arrays.fed]
    source = np.repeat(np.arange(n), np.diff(arrays.fed_ptr))
    matrix = coo_matrix((np.ones(len(target)), (source, target)), shape=(n, n))
    graph = networkit.GraphFromCoo(matrix, n=n, directed=True)
    core, weight = Core(arrays), np.ones((n, 1), dtype=np.int64)
    theirs: list[int] = []

    def ask() -> None:
        exact = networkit.reachability.ReachableNodes(graph, exact=True)
        exact.run()
        theirs[:] = [exact.numberOfReachableNodes(u) for u in range(n)]

    ours, taken = alternating_ms(lambda: every_single(core, weight), ask, repeats=3)
    assert theirs == sizes.tolist()
    yield Row(
        what, f"{taken / ours:.1f} x networkit", "≥ 5 x", f"exact, all sources: {taken:.0f} ms"
    )
    peer = igraph.Graph(
        n=n, edges=list(zip(source.tolist(), target.tolist(), strict=True)), directed=True
    )
    sources = range(0, n, n // 10)
    began = time.perf_counter()
    reached = [len(peer.subcomponent(u, mode="out")) for u in sources]
    per_source = (time.perf_counter() - began) * 1000 / len(reached)
    assert reached == sizes[list(sources)].tolist()
    yield Row(
        what, f"{per_source * n / ours:,.0f} x igraph", "", "igraph from 10 sources, scaled up"
    )


# -- pairs -------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _try_all(fed_ptr, fed, owner, left, down, queue, alone_ptr, alone, firsts):
    """Try each of ``firsts`` with every other asset; return how many pairs take more together."""
    n = len(down)
    hidden = 0
    for a in firsts:
        down[a] = 1
        queue[0] = a
        tail = spread(fed_ptr, fed, owner, left, down, queue, 0, 1)
        for b in range(n):
            if b == a or down[b]:
                continue
            union = tail
            for i in range(alone_ptr[b], alone_ptr[b + 1]):
                if not down[alone[i]]:
                    union += 1
            down[b] = 1
            queue[tail] = b
            end = spread(fed_ptr, fed, owner, left, down, queue, tail, tail + 1)
            hidden += end > union
            take_back(fed_ptr, fed, left, down, queue, tail, end)
        take_back(fed_ptr, fed, left, down, queue, 0, tail)
    return hidden


def _pairs() -> Row:
    n, every = 10_000, 20
    _, arrays = _world("infra", n)
    weight = np.ones((n, 1), dtype=np.int64)
    everyone = np.arange(n, dtype=np.int32)
    firsts = everyone[::every]

    def ours() -> object:
        core = Core(arrays)
        return hidden_pairs(core, every_cascade(core, everyone, weight), weight)

    core = Core(arrays)
    cascades = every_cascade(core, everyone, weight)
    parts = (arrays.fed_ptr, arrays.fed, arrays.owner, core.left, core.down, core.queue)

    def brute() -> int:
        return _try_all(*parts, cascades.ptr, cascades.members, firsts)

    fast, slow = alternating_ms(ours, brute, repeats=5)
    found = hidden_pairs(core, cascades, weight)
    hidden = brute()
    mine = np.zeros(n, dtype=np.bool_)
    mine[firsts] = True
    assert hidden == mine[found.first].sum() + mine[found.second].sum()
    # each pair would be tried once, not from both its ends
    taken = slow * every / 2
    return Row(
        f"every pair of infra {n:,}",
        f"{taken / fast:.0f} x trying all",
        "≥ 100 x",
        f"{fast:.0f} ms; {len(found):,} of {n * (n - 1) // 2:,} pairs take more together, at "
        f"most {found.both.max():,} lost; trying all is compiled too, from one asset in {every}, "
        "scaled up",
    )


# -- memory ------------------------------------------------------------------------------------


def _memory() -> Row:
    """Ask processes of their own: one numbers a million assets, one answers from what it kept."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "arrays"
        [making] = _run_alone(f"make_arrays({str(place)!r})")
        kept, held, working, peak = _run_alone(f"answer_from({str(place)!r})")
    return Row(
        f"memory for infra {M1:,}",
        f"{peak:,.0f} MB at the peak",
        "",
        f"one timed cascade and every single asset from kept arrays; {kept:,.0f} MB before that, "
        f"with {held:,.0f} MB of arrays that workers share and the ids; working memory of a "
        f"cascade {working:,.0f} MB; making the world and its arrays {making:,.0f} MB",
    )


def _run_alone(call: str) -> list[float]:
    code = f"from benchmarks import cascades; cascades.{call}"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return [int(number) / 1e6 for number in done.stdout.split()]


def make_arrays(place: str) -> None:
    """Make and keep the arrays of a million assets; print the peak of memory, in bytes."""
    write_arrays(synthetic("infra", M1).arrays(), Path(place))
    print(_peak())


def answer_from(place: str) -> None:
    """Answer from kept arrays; print bytes: before, its arrays, the core's, the peak."""
    arrays = read_arrays(Path(place))
    assert arrays is not None
    before, clock = _peak(), _Clock(arrays)
    clock(np.arange(0, M1, 250, dtype=np.int32))
    every_single(Core(arrays), np.ones((M1, 1), dtype=np.int64))
    held = sum(array.nbytes for array in arrays.columns().values())
    working = sum(x.nbytes for x in vars(clock.timed).values() if isinstance(x, np.ndarray))
    lanes = sum(x.nbytes for x in vars(clock.timed.lanes).values())
    print(before, held, working + lanes, _peak())


def _peak() -> int:
    """Return the most memory this process has held, in bytes.

    Linux tells it per program; ``ru_maxrss`` would carry over that of the process it came from.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    lines = status.read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


# -- shared ------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def _world(family: Family, size: int) -> tuple[Synthetic, WorldArrays]:
    gc.collect()
    made = synthetic(family, size)
    return made, made.arrays()
