"""Compiled clocks: a queue for each frequent duration, a heap for the rest.

Time never goes back, so clocks of one duration end in the order in which they began, and their
queue needs no sorting. Stopped clocks stay in the queue; the caller of ``take_clock`` skips them.
"""

from __future__ import annotations

from models.cascade.compile.compiled import part
from models.cascade.timed.arrays import NEVER

_NONE = -1


@part
def start_clock(s, lane, t, code):  # type: ignore[no-untyped-def]
    """Schedule ``code`` for ``t``; ``lane`` is the queue of its duration, -1 for the heap."""
    c = s.tally[0]
    if lane < 0:
        _push(s, c, t, code)
        return
    node = c.free
    if node >= 0:
        c.free = s.node_next[node]
    elif c.nodes < len(s.node_t):
        node = c.nodes
        c.nodes += 1
    else:
        c.full = 1
        return
    s.node_t[node] = t
    s.node_code[node] = code
    s.node_next[node] = _NONE
    if s.lane_head[lane] < 0:
        s.lane_head[lane] = node
    else:
        s.node_next[s.lane_tail[lane]] = node
    s.lane_tail[lane] = node


@part
def next_clock(f, s):  # type: ignore[no-untyped-def]
    """Return when the next clock ends."""
    c = s.tally[0]
    t = f.base_t[c.base] if c.base < len(f.base_t) else NEVER
    if c.heap > 0:
        t = min(t, s.heap_t[0])
    for lane in range(len(s.lane_head)):
        node = s.lane_head[lane]
        if node >= 0:
            t = min(t, s.node_t[node])
    return t


@part
def take_clock(f, s, t, lane):  # type: ignore[no-untyped-def]
    """Remove a clock that ends by ``t``; return its code and the lane to continue with.

    Start with lane 0; the code is -1 if there is none left.
    """
    c = s.tally[0]
    while lane < len(s.lane_head):
        node = s.lane_head[lane]
        if node >= 0 and s.node_t[node] <= t:
            s.lane_head[lane] = s.node_next[node]
            s.node_next[node] = c.free
            c.free = node
            return s.node_code[node], lane
        lane += 1
    if c.heap > 0 and s.heap_t[0] <= t:
        return _pop(s, c), lane
    if c.base < len(f.base_t) and f.base_t[c.base] <= t:
        c.base += 1
        return f.base_code[c.base - 1], lane
    return _NONE, lane


@part
def forget_clocks(s):  # type: ignore[no-untyped-def]
    """Empty all queues."""
    c = s.tally[0]
    for lane in range(len(s.lane_head)):
        s.lane_head[lane] = _NONE
    c.heap, c.base, c.nodes, c.free = 0, 0, 0, _NONE


@part
def _push(s, c, t, code):  # type: ignore[no-untyped-def]
    at = c.heap
    if at >= len(s.heap_t):
        c.full = 1
        return
    c.heap += 1
    while at > 0:
        above = (at - 1) >> 1
        if s.heap_t[above] <= t:
            break
        s.heap_t[at] = s.heap_t[above]
        s.heap_code[at] = s.heap_code[above]
        at = above
    s.heap_t[at] = t
    s.heap_code[at] = code


@part
def _pop(s, c):  # type: ignore[no-untyped-def]
    code = s.heap_code[0]
    c.heap -= 1
    size = c.heap
    t, moved = s.heap_t[size], s.heap_code[size]
    at = 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and s.heap_t[below + 1] < s.heap_t[below]:
            below += 1
        if s.heap_t[below] >= t:
            break
        s.heap_t[at] = s.heap_t[below]
        s.heap_code[at] = s.heap_code[below]
        at = below
    s.heap_t[at] = t
    s.heap_code[at] = moved
    return code
