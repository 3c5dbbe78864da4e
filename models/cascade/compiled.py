"""How kernels are compiled, and how they are handed a table of arrays: as one pointer.

Handed to compiled functions one by one, a hundred arrays cost more than most functions do.
"""

from __future__ import annotations

from typing import Any

from numba import njit, types
from numba.experimental import structref

from models.cascade.engine_arrays import Fixed, Live

#: A function that Python calls, and one that only other kernels call. Both are kept on disk.
kernel: Any = njit(cache=True, nogil=True)
part: Any = njit(  # type: ignore[call-overload]
    cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True
)


@structref.register
class FixedType(types.StructRef):
    """The compiled side of :class:`Fixed`."""


@structref.register
class LiveType(types.StructRef):
    """The compiled side of :class:`Live`."""


class FixedRef(structref.StructRefProxy):
    """A pointer to the arrays of a :class:`Fixed`."""


class LiveRef(structref.StructRefProxy):
    """A pointer to the arrays of a :class:`Live`."""


structref.define_proxy(FixedRef, FixedType, Fixed._fields)  # type: ignore[no-untyped-call]
structref.define_proxy(LiveRef, LiveType, Live._fields)  # type: ignore[no-untyped-call]


@kernel
def refer_fixed(t):  # type: ignore[no-untyped-def]
    """Return a pointer to these arrays."""
    return FixedRef(  # type: ignore[no-untyped-call]
        t.asset, t.group, t.slot, t.by_rank, t.source, t.share, t.fed_ptr, t.fed, t.slots,
        t.owner, t.looped, t.pair_ptr, t.pair_group, t.short, t.dark, t.lane_ms, t.base_t,
        t.base_code, t.net_ptr, t.has_demand, t.source_ptr, t.feeder, t.onward_ptr,
        t.onward, t.onward_link, t.inward_ptr, t.inward, t.inward_link, t.around_ptr,
        t.around, t.around_link, t.link_net, t.link_from, t.link_to,
    )  # fmt: skip


@kernel
def refer_live(t):  # type: ignore[no-untyped-def]
    """Return a pointer to these arrays."""
    return LiveRef(  # type: ignore[no-untyped-call]
        t.tally, t.value, t.own, t.least, t.latest, t.slack, t.asset, t.group, t.is_cut,
        t.supplies, t.is_pending, t.is_returning, t.pending, t.returning, t.fresh, t.moved,
        t.target, t.changed, t.delivers, t.seen_assets, t.seen_groups, t.touched, t.busy,
        t.damaged, t.held, t.restarting, t.cut, t.supplied, t.stuck, t.locked, t.is_stale,
        t.reached, t.part, t.frontier, t.parent, t.via, t.is_reached, t.moved_slots, t.is_moved,
        t.switched, t.is_switched, t.replanted, t.is_replanted, t.partials, t.trail_value,
        t.trail_from, t.back, t.node, t.rows, t.pool, t.shown, t.lane_head, t.lane_tail,
        t.node_t, t.node_code, t.node_next, t.heap_t, t.heap_code,
    )  # fmt: skip
