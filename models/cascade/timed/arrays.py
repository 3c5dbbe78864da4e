"""Arrays of the compiled engine: records, so that one memory access reads all fields of an item.

A *value* is what a supplier provides: numbers below n are levels of assets, those from n on are
deliveries of slots of link networks. :class:`Fixed` is read-only; a :class:`Live` belongs to one
run at a time and is reset after it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.cascade.arrays import F64, I32, I64, Array, WorldArrays
from models.cascade.timed.network_arrays import NetworkArrays
from models.outcome import RowKind
from models.units import to_ms
from models.world import World

# Constants are NumPy scalars: numba would compile a function for each value of a plain one.
#: Stands for no time, no row, no group.
NONE = np.int64(-1)
#: A time after all others.
NEVER = 9_000_000_000_000_000_000
#: Kinds of clock, in the two low bits of its code; the other bits number the group or asset.
AUTONOMY, GROUP_RESTART, REPAIR, ASSET_RESTART = np.arange(4)
#: Kinds of row, and their names in a trace.
INITIAL, DIRECT, CASCADE, AUTONOMY_OVER, REPAIRED, RESTARTED, DELIVERY = np.arange(7)
ROW_KINDS: tuple[RowKind, ...] = (
    "initial",
    "direct",
    "cascade",
    "autonomy",
    "repair",
    "restart",
    "delivery",
)
#: Kinds of event.
HIT, MEND, LINK_HIT, LINK_MEND, SUPPLY_ON, SUPPLY_OFF, LIMIT = np.arange(7)
#: Beyond this many different durations, further ones share one heap.
MOST_LANES = 64
#: Most partial sums of an exact total of doubles: range of exponents / 53 bits, and some spare.
PARTIALS = 64

_FIXED_ASSET = np.dtype(
    [
        ("repair_ms", "i8"), ("restart_ms", "i8"), ("first_group", "i4"), ("end_group", "i4"),
        ("first_slot", "i4"), ("end_slot", "i4"), ("rank", "i4"), ("repair_lane", "i1"),
        ("restart_lane", "i1"), ("black", "u1"), ("hidden", "u1"), ("waits", "u1"),
    ],
    align=True,
)  # fmt: skip
_FIXED_GROUP = np.dtype(
    [
        ("full", "i8"), ("recharge", "i8"), ("restart", "i8"), ("fraction", "f8"), ("loss", "f8"),
        ("owner", "i4"), ("first", "i4"), ("end", "i4"), ("pair", "i4"), ("k", "i4"),
        ("full_lane", "i1"), ("restart_lane", "i1"), ("shares", "u1"), ("on_loop", "u1"),
    ],
    align=True,
)  # fmt: skip
_SLOT = np.dtype(
    [("supply", "f8"), ("demand", "f8"), ("asset", "i4"), ("net", "i4"), ("feeds", "u1")],
    align=True,
)
_LIVE_ASSET = np.dtype(
    [
        ("repair_at", "i8"), ("restart_at", "i8"), ("hit", "f8"), ("limit", "f8"),
        ("own_at", "i4"), ("fresh_at", "i4"),
        ("shown", "i4"), ("stuck_at", "i4"), ("own_kind", "u1"), ("seen", "u1"),
        ("touched", "u1"), ("busy", "u1"), ("damaged", "u1"), ("stuck", "u1"), ("locked", "u1"),
        ("asked", "u1"), ("inside", "u1"),
    ],
    align=True,
)  # fmt: skip
_LIVE_GROUP = np.dtype(
    [
        ("stored", "i8"), ("since", "i8"), ("restart_at", "i8"), ("because", "i4"),
        ("n_because", "i4"), ("failed_at_row", "i4"), ("caused_at", "i4"), ("unserved", "u1"),
        ("lost", "u1"), ("holds", "u1"), ("back", "u1"), ("seen", "u1"), ("held", "u1"),
        ("restarting", "u1"),
    ],
    align=True,
)  # fmt: skip
ROW = np.dtype(
    [
        ("t", "i8"), ("before", "f8"), ("after", "f8"), ("because", "i8"), ("n_because", "i4"),
        ("value", "i4"), ("asset", "i4"), ("link", "i4"), ("group", "i4"), ("order", "i4"),
        ("kind", "u1"),
    ],
    align=True,
)  # fmt: skip
SHOWN = np.dtype(
    [
        ("t", "i8"), ("level", "f8"), ("delivered", "f8"), ("deadline", "i8"), ("group", "i4"),
        ("before", "i4"), ("state", "u1"), ("locked", "u1"),
    ],
    align=True,
)  # fmt: skip
EVENT = np.dtype(
    [
        ("t", "i8"), ("to", "f8"), ("repair", "i8"), ("wait", "i8"), ("asset", "i4"),
        ("link", "i4"), ("pair", "i4"), ("kind", "u1"), ("plan", "u1"),
    ],
    align=True,
)  # fmt: skip
#: Lengths of the lists, position of the run, and whether a list was too short (``full``).
_TALLY = np.dtype(
    [
        (name, "i8")
        for name in (
            "now", "round", "instant", "phase", "kind", "first_row", "version", "asked", "full",
            "tracing", "rows", "pool", "shown", "pending", "returning", "fresh", "fallen", "moved",
            "changed", "seen_assets", "seen_groups", "touched", "busy", "damaged", "held",
            "restarting", "cut", "supplied", "stuck", "trail", "back", "stale", "nodes", "free",
            "heap", "base", "waiting", "stamp", "final", "given", "forest",
            "moved_slots", "switched", "replanted", "worse", "asked_worse", "asked_rows",
            "asked_trail", "asking", "anew", "locked", "narrow", "began",
        )
    ]
)  # fmt: skip


class Fixed(NamedTuple):
    """A world of n assets, m groups with e suppliers, S slots: the part that no run changes.

    ``fed`` holds twice the number of each group that a value supplies, plus 1 where levels 0 and
    1 alone say whether the supplier counts (``fed_ptr`` [n + S + 1]). ``source`` [e] are the
    values that a group depends on. ``pair`` numbers (asset, service) by asset id, then service.
    """

    asset: Array
    group: Array
    slot: Array
    by_rank: I32
    source: I32
    share: F64
    fed_ptr: I32
    fed: I32
    slots: I32
    owner: I32  # [m] as in ``group``, contiguous
    looped: I32  # assets with a group on a loop
    pair_ptr: I32
    pair_group: I32
    short: I32  # groups unserved although nothing has failed
    dark: I32  # groups lost in the settled world
    lane_ms: I64
    base_t: I64
    base_code: I64
    net_ptr: I32
    has_demand: Array
    source_ptr: I32
    feeder: I32
    onward_ptr: I32
    onward: I32
    onward_link: I32
    inward_ptr: I32
    inward: I32
    inward_link: I32
    around_ptr: I32
    around: I32
    around_link: I32
    link_net: I32
    link_from: I32
    link_to: I32


class Live(NamedTuple):
    """State of one run. ``tally`` holds the lengths of the lists."""

    tally: Array  # [1] counts and position of the run
    value: F64  # [n + S] levels, then deliveries
    own: F64  # [n] the smaller of ``hit``, what damage left, and ``limit``
    least: F64  # [n] what lost groups leave of it
    latest: I32  # [n + S] last row of each value
    slack: I32  # [m] suppliers beyond k; very low for groups judged by shares
    asset: Array
    group: Array
    is_cut: Array  # [L]
    supplies: I32  # [pairs] emergency supplies now
    is_pending: Array  # [m]
    is_returning: Array  # [m]
    pending: I32  # groups to be judged
    returning: I32  # groups that may return
    fresh: I32  # assets whose level is to be recomputed
    moved: I32
    target: F64
    changed: I32  # slots whose delivery changed
    delivers: F64  # [S]
    seen_assets: I32
    seen_groups: I32
    touched: I32
    busy: I32  # under repair or restarting
    damaged: I32
    held: I32  # groups of black starts
    restarting: I32  # lost groups that restart
    cut: I32
    supplied: I32
    stuck: I32
    locked: I32  # those of them that wait for each other
    is_stale: Array  # [N]
    reached: I32  # [S] stamp of the last search that reached a slot
    part: I32  # [S] first slot of the part, when parts were last computed
    frontier: I32  # [S]
    parent: I32  # [S] slot that leads to it from a source; a source has none
    via: I32  # [S] link that leads to it
    is_reached: Array  # [S] within one search
    moved_slots: I32  # slots whose level changed since deliveries were last computed
    is_moved: Array  # [S]
    switched: I32  # links that were hit or repaired since then
    is_switched: Array  # [L]
    replanted: I32  # slots whose parent changed in the run
    is_replanted: Array  # [S]
    partials: F64
    trail_value: I32  # values that a closure changed, with what they were
    trail_from: F64
    back: I32  # groups that a closure returned or lost
    node: I32  # [n + 2 S] numbers of assets, slots and parts in the graph of waits
    rows: Array
    pool: I32  # rows that caused rows
    shown: Array
    lane_head: I32
    lane_tail: I32
    node_t: I64
    node_code: I64
    node_next: I32
    heap_t: I64
    heap_code: I64


def fixed_of(world: World, arrays: WorldArrays, nets: NetworkArrays) -> Fixed:
    """Return the world's arrays for the engine, before its first hour.

    Parameters
    ----------
    world
        With the scenario's measures.
    arrays, nets
        Of the same world: they number its assets, groups and slots.
    """
    n, m = len(arrays.ids), len(arrays.group_ids)
    assets = [world.assets[a] for a in arrays.ids]
    groups = [world.groups[g] for g in arrays.group_ids]
    asset, group = _records(n, _FIXED_ASSET), _records(m, _FIXED_GROUP)
    repair = [NONE if a.repair_h is None else to_ms(a.repair_h) for a in assets]
    asset["repair_ms"] = np.array(repair, np.int64)
    asset["restart_ms"] = np.array([to_ms(a.restart_h) for a in assets], np.int64)
    asset["black"] = [a.black_start for a in assets]
    asset["waits"] = [a.restart_h > 0 for a in assets]
    asset["hidden"] = [a in world.hidden for a in arrays.ids]
    asset["rank"] = arrays.rank
    asset["first_group"], asset["end_group"] = arrays.group_ptr[:-1], arrays.group_ptr[1:]
    slots = np.argsort(nets.asset, kind="stable").astype(np.int32)
    slot_ptr = np.concatenate(([0], np.cumsum(np.bincount(nets.asset, minlength=n))))
    asset["first_slot"], asset["end_slot"] = slot_ptr[:-1], slot_ptr[1:]

    group["full"], group["recharge"] = arrays.autonomy_ms, arrays.recharge_ms
    group["restart"], group["fraction"] = arrays.restart_ms, arrays.fraction
    group["k"] = arrays.k
    group["loss"], group["owner"] = arrays.loss, arrays.owner
    group["first"], group["end"] = arrays.sup_ptr[:-1], arrays.sup_ptr[1:]
    group["shares"] = [g.has_shares for g in groups]
    group["on_loop"] = _on_loop(arrays, nets)
    service = {name: i for i, name in enumerate(sorted({g.service for g in groups}))}
    needs = np.array([service[g.service] for g in groups], np.int64)
    need = arrays.rank[arrays.owner].astype(np.int64) * max(1, len(service)) + needs
    pairs, pair = np.unique(need, return_inverse=True)
    group["pair"] = pair

    lane_ms = _lanes(group["full"], group["restart"], asset["repair_ms"], asset["restart_ms"])
    for table, name in ((group, "full"), (group, "restart")):
        table[f"{name}_lane"] = _lane_of(table[name], lane_ms)
    asset["repair_lane"] = _lane_of(asset["repair_ms"], lane_ms)
    asset["restart_lane"] = _lane_of(asset["restart_ms"], lane_ms)

    slot = np.zeros(len(nets.asset), _SLOT)
    slot["supply"], slot["demand"], slot["feeds"] = nets.supply, nets.demand, nets.feeds
    slot["asset"] = nets.asset
    slot["net"] = np.repeat(np.arange(len(nets.services)), np.diff(nets.ptr))
    source = _sources(arrays, nets, [g.service for g in groups])
    fed_ptr, fed = _fed(arrays, source, group, n + len(slot))
    return Fixed(
        asset=asset,
        group=group,
        slot=slot,
        by_rank=np.argsort(arrays.rank).astype(np.int32),
        source=source,
        share=np.nan_to_num(arrays.share, nan=0.0),
        fed_ptr=fed_ptr,
        fed=fed,
        slots=slots,
        owner=arrays.owner,
        looped=np.unique(arrays.owner[group["on_loop"] > 0]).astype(np.int32),
        pair_ptr=_starts(pair, len(pairs)),
        pair_group=np.argsort(pair, kind="stable").astype(np.int32),
        short=np.zeros(0, np.int32),
        dark=np.zeros(0, np.int32),
        lane_ms=lane_ms,
        base_t=np.zeros(0, np.int64),
        base_code=np.zeros(0, np.int64),
        net_ptr=nets.ptr,
        has_demand=nets.has_demand.astype(np.uint8),
        source_ptr=nets.source_ptr,
        feeder=nets.source,
        onward_ptr=nets.onward_ptr,
        onward=nets.onward,
        onward_link=nets.onward_link,
        inward_ptr=nets.inward_ptr,
        inward=nets.inward,
        inward_link=nets.inward_link,
        around_ptr=nets.around_ptr,
        around=nets.around,
        around_link=nets.around_link,
        link_net=nets.link_net,
        link_from=nets.link_from,
        link_to=nets.link_to,
    )


def live_of(fixed: Fixed, room: int) -> Live:
    """Return the state of a whole world at its first hour, with room for so many rows."""
    n, m, s = len(fixed.asset), len(fixed.group), len(fixed.slot)
    tally = np.zeros(1, _TALLY)
    tally["free"], tally["asked"], tally["anew"] = NONE, NONE, 1
    asset, group = _records(n, _LIVE_ASSET), _records(m, _LIVE_GROUP)
    for name in ("repair_at", "restart_at", "own_at", "fresh_at", "shown"):
        asset[name] = NONE
    asset["hit"], asset["limit"] = 1.0, 1.0
    group["stored"] = fixed.group["full"]
    group["restart_at"], group["caused_at"] = NONE, NONE
    return Live(
        tally=tally,
        value=np.ones(n + s),
        own=np.ones(n),
        least=np.ones(n),
        latest=np.full(n + s, NONE, np.int32),
        slack=np.zeros(m, np.int32),
        asset=asset,
        group=group,
        is_cut=np.zeros(len(fixed.link_net), np.uint8),
        supplies=np.zeros(len(fixed.pair_ptr), np.int32),
        is_pending=np.zeros(m, np.uint8),
        is_returning=np.zeros(m, np.uint8),
        pending=np.zeros(m, np.int32),
        returning=np.zeros(m, np.int32),
        fresh=np.zeros(2 * n + 2 * m + 2, np.int32),
        moved=np.zeros(n, np.int32),
        target=np.zeros(n),
        changed=np.zeros(s, np.int32),
        delivers=np.zeros(s),
        seen_assets=np.zeros(n, np.int32),
        seen_groups=np.zeros(m, np.int32),
        touched=np.zeros(n, np.int32),
        busy=np.zeros(n, np.int32),
        damaged=np.zeros(n, np.int32),
        held=np.zeros(m, np.int32),
        restarting=np.zeros(m, np.int32),
        cut=np.zeros(len(fixed.link_net), np.int32),
        supplied=np.zeros(len(fixed.pair_ptr), np.int32),
        stuck=np.zeros(n, np.int32),
        locked=np.zeros(n, np.int32),
        is_stale=np.zeros(len(fixed.net_ptr), np.uint8),
        reached=np.zeros(s, np.int32),
        part=np.zeros(s, np.int32),
        frontier=np.zeros(s, np.int32),
        parent=np.full(s, NONE, np.int32),
        via=np.full(s, NONE, np.int32),
        is_reached=np.zeros(s, np.uint8),
        moved_slots=np.zeros(s, np.int32),
        is_moved=np.zeros(s, np.uint8),
        switched=np.zeros(len(fixed.link_net), np.int32),
        is_switched=np.zeros(len(fixed.link_net), np.uint8),
        replanted=np.zeros(s, np.int32),
        is_replanted=np.zeros(s, np.uint8),
        partials=np.zeros(PARTIALS),
        trail_value=np.zeros(room, np.int32),
        trail_from=np.zeros(room),
        back=np.zeros(m, np.int32),
        node=np.zeros(n + 2 * s, np.int32),
        rows=np.zeros(room, ROW),
        pool=np.zeros(4 * room, np.int32),
        shown=np.zeros(4 * room, SHOWN),
        lane_head=np.full(len(fixed.lane_ms), NONE, np.int32),
        lane_tail=np.full(len(fixed.lane_ms), NONE, np.int32),
        node_t=np.zeros(2 * room, np.int64),
        node_code=np.zeros(2 * room, np.int64),
        node_next=np.zeros(2 * room, np.int32),
        heap_t=np.zeros(room, np.int64),
        heap_code=np.zeros(room, np.int64),
    )


def _records(size: int, dtype: np.dtype[np.void]) -> Array:
    """Return zeroed records, aligned to cache lines."""
    raw = np.zeros(size * dtype.itemsize + 64, np.uint8)
    skip = -raw.ctypes.data % 64
    return raw[skip : skip + size * dtype.itemsize].view(dtype)


def _sources(arrays: WorldArrays, nets: NetworkArrays, service: list[str]) -> I32:
    """Return the value of each supplier: its slot in the service's network, or its level."""
    source = arrays.supplier.copy()
    net_of = {name: i for i, name in enumerate(nets.services)}
    of_group = np.array([net_of.get(name, NONE) for name in service], np.int64)
    net = np.repeat(of_group, np.diff(arrays.sup_ptr))
    n = max(1, len(arrays.ids))
    slot_net = np.repeat(np.arange(len(nets.services)), np.diff(nets.ptr))
    keys = slot_net * n + nets.asset
    order = np.argsort(keys)
    node = net * n + source
    at = np.minimum(np.searchsorted(keys[order], node), max(0, len(keys) - 1))
    if len(keys):
        slot = order[at]
        inside = (net >= 0) & (keys[slot] == node)
        source[inside] = (len(arrays.ids) + slot[inside]).astype(np.int32)
    return source


def _fed(arrays: WorldArrays, source: I32, group: Array, values: int) -> tuple[I32, I32]:
    """Return value → the groups that depend on it, marked if levels 0 and 1 alone decide."""
    of_edge = np.repeat(np.arange(len(group), dtype=np.int32), np.diff(arrays.sup_ptr))
    order = np.argsort(source, kind="stable")
    fraction = group["fraction"]
    sharp = ~group["shares"].astype(bool) & (
        (fraction <= 0) | ((fraction > 1e-9) & (fraction <= 1.0))
    )
    edges = of_edge[order]
    return _starts(source, values), (edges * 2 + sharp[edges]).astype(np.int32)


def _on_loop(arrays: WorldArrays, nets: NetworkArrays) -> Array:
    """Return the groups on a loop of dependencies and networks; only these can deadlock.

    A network counts as one node, fed by members that are sources or lie between links.
    """
    from models.cascade.components import components

    n, size = len(arrays.ids), len(arrays.ids) + len(nets.services)
    hub = n + np.repeat(np.arange(len(nets.services)), np.diff(nets.ptr))
    feeding = (nets.feeds > 0) | (np.diff(nets.around_ptr) > 1)
    consumer = np.repeat(arrays.owner, np.diff(arrays.sup_ptr))
    begin = np.concatenate([hub, nets.asset[feeding], arrays.supplier])
    end = np.concatenate([nets.asset, hub[feeding], consumer]).astype(np.int32)
    order = np.argsort(begin, kind="stable")
    component, ptr = components(_starts(begin, size), end[order], np.arange(size, dtype=np.int32))
    ring = np.empty(size, np.int32)
    ring[component] = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
    same = ring[arrays.supplier] == ring[consumer]
    of_edge = np.repeat(np.arange(len(arrays.group_ids)), np.diff(arrays.sup_ptr))
    on_loop: Array = np.bincount(of_edge, weights=same, minlength=len(arrays.group_ids)) > 0
    return on_loop


def _lanes(*durations: I64) -> I64:
    """Return the most frequent durations: each gets its own queue."""
    every = np.concatenate(durations)
    lane_durations, often = np.unique(every[every > 0], return_counts=True)
    chosen: I64 = np.sort(lane_durations[np.argsort(-often, kind="stable")[:MOST_LANES]])
    return chosen


def _lane_of(durations: I64, lane_ms: I64) -> Array:
    at = np.searchsorted(lane_ms, durations)
    inside = np.minimum(at, max(0, len(lane_ms) - 1))
    has_lane = lane_ms[inside] == durations if len(lane_ms) else np.zeros(len(durations), bool)
    return np.where(has_lane, inside, NONE)


def _starts(keys: Array, size: int) -> I32:
    """Return where the items of each key begin once they are sorted by key."""
    starts: I32 = np.zeros(size + 1, dtype=np.int32)
    np.cumsum(np.bincount(keys, minlength=size), out=starts[1:])
    return starts
