"""Compiled causes of deliveries: the rows in a slot's part of the network (``falls.py``)."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import part
from models.cascade.components import components
from models.cascade.reference.falls import MOST_BECAUSE
from models.cascade.timed.arrays import DELIVERY, NONE
from models.cascade.timed.level_kernels import set_value
from models.cascade.timed.row_kernels import collect, explain, network_rows, sort_unique, write_row
from models.cascade.timed.wait_kernels import append

_MOST = np.int64(MOST_BECAUSE)


@part
def explained_deliveries(f, s, net, n_changed, end):  # type: ignore[no-untyped-def]
    """Write a row with its causes for each slot of ``net`` that changed."""
    c, n = s.tally[0], len(f.asset)
    if f.has_demand[net]:
        span, begin, size = _by_part(f, s, net, n_changed, end)
    else:
        span, begin, size = _by_cut(f, s, net, n_changed, end)
    first = c.pool
    network_rows(f, s, net, end)
    rose = c.pool - first
    for i in range(n_changed):
        x = s.changed[i]
        a = np.int64(f.slot[x].asset)
        at, many = first, rose
        if span[i] >= 0:
            at, many = begin[span[i]], size[span[i]]
        row = write_row(s, n + x, a, s.value[n + x], s.delivers[x])
        if row >= 0:
            explain(s, row, DELIVERY, NONE, at, many, _order(s, at, many, a))
        set_value(f, s, n + x, s.delivers[x])


@part
def _order(s, at, many, a):  # type: ignore[no-untyped-def]
    order = np.int64(0)
    for i in range(at, at + many):
        earlier = s.rows[s.pool[i]]
        order = max(order, np.int64(earlier.order) + (earlier.asset != a))
    return order


@part
def _slot_in(f, a, net):  # type: ignore[no-untyped-def]
    """Return the slot of an asset in a network, -1 if it has none."""
    for i in range(f.asset[a].first_slot, f.asset[a].end_slot):
        if f.slot[f.slots[i]].net == net:
            return np.int64(f.slots[i])
    return np.int64(-1)


@part
def _switched_now(f, s, net, end):  # type: ignore[no-untyped-def]
    """Return the rows of this instant about links of the network."""
    rows, many = np.empty(8, np.int32), np.int64(0)
    for row in range(s.tally[0].began, end):
        link = s.rows[row].link
        if link >= 0 and f.link_net[link] == net:
            rows, many = append(rows, many, np.int64(row))
    return rows[:many]


@part
def _is_among(s, link, rows):  # type: ignore[no-untyped-def]
    for row in rows:  # noqa: SIM110
        if s.rows[row].link == link:
            return True
    return False


@part
def _close_list(s, first):  # type: ignore[no-untyped-def]
    """Sort the rows collected from ``first`` on, keep the latest, and return how many."""
    c = s.tally[0]
    sort_unique(s, first)
    many = c.pool - first
    if many > _MOST:
        for i in range(_MOST):
            s.pool[first + i] = s.pool[c.pool - _MOST + i]
        c.pool, many = first + _MOST, _MOST
    return many


# -- with demand: all changes in the part ----------------------------------------------------------


@part
def _by_part(f, s, net, n_changed, end):  # type: ignore[no-untyped-def]
    """Return for every changed slot which list explains its fall (-1: it rose), and the lists."""
    c, n = s.tally[0], len(f.asset)
    switched = _switched_now(f, s, net, end)
    for row in range(c.began, end):
        if 0 <= s.rows[row].value < n and s.rows[row].after < s.rows[row].before:
            s.node[s.rows[row].asset] = 1
    nodes, many = np.empty(16, np.int32), np.int64(0)
    span = np.full(n_changed, -1, np.int32)
    parts = 0
    for i in range(n_changed):
        x = s.changed[i]
        if s.delivers[x] >= s.value[n + x]:
            continue
        if s.node[n + x] == 0:
            parts += 1
            head = many
            nodes, many = append(nodes, many, np.int64(x))
            s.node[n + x] = parts
            while head < many:
                here = nodes[head]
                head += 1
                for j in range(f.around_ptr[here], f.around_ptr[here + 1]):
                    y, link = f.around[j], f.around_link[j]
                    if s.node[n + y] or (s.is_cut[link] and not _is_among(s, link, switched)):
                        continue
                    if s.own[f.slot[y].asset] > 0.0 or s.node[f.slot[y].asset]:
                        s.node[n + y] = parts
                        nodes, many = append(nodes, many, np.int64(y))
        span[i] = s.node[n + x] - 1
    begin, size = np.zeros(parts, np.int64), np.zeros(parts, np.int64)
    for p in range(parts):
        begin[p] = c.pool
        for row in range(c.began, end):
            if _lies_in(f, s, net, row, p + 1):
                collect(s, np.int64(row))
        size[p] = _close_list(s, begin[p])
    for i in range(many):
        s.node[n + nodes[i]] = 0
    for row in range(c.began, end):
        if s.rows[row].value >= 0 and s.rows[row].value < n:
            s.node[s.rows[row].asset] = 0
    return span, begin, size


@part
def _lies_in(f, s, net, row, p):  # type: ignore[no-untyped-def]
    """Whether a row is about a link of the part, or lowered one of its assets."""
    n, link = len(f.asset), s.rows[row].link
    if link >= 0:
        ends = s.node[n + f.link_from[link]], s.node[n + f.link_to[link]]
        return f.link_net[link] == net and (ends[0] == p or ends[1] == p)
    if s.rows[row].value >= n or s.rows[row].after >= s.rows[row].before:
        return False
    x = _slot_in(f, np.int64(s.rows[row].asset), net)
    return x >= 0 and s.node[n + x] == p


# -- without demand: failures between a slot and the nearest slots that deliver --------------------


@part
def _by_cut(f, s, net, n_changed, end):  # type: ignore[no-untyped-def]
    """Return for every changed slot which list explains its fall (-1: it rose), and the lists.

    Slots that lead to each other share one list; upstream slots come first.
    """
    n = len(f.asset)
    nodes, dark = _fallen(f, s, net, n_changed, end)
    switched = _switched_now(f, s, net, end)
    head, follow, entry = _own_rows(f, s, net, nodes, dark, switched, end)
    ptr, target = _edges(f, s, nodes, dark, switched)
    order, blocks = components(ptr, target, np.arange(len(nodes)).astype(np.int32))
    block = np.empty(len(nodes), np.int32)
    many = len(blocks) - 1
    for b in range(many):
        for i in order[blocks[b] : blocks[b + 1]]:
            block[i] = b
    begin, size = np.zeros(many, np.int64), np.zeros(many, np.int64)
    for b in range(many):
        inside = order[blocks[b] : blocks[b + 1]]
        _list_of(s, b, inside, block, ptr, target, head, follow, entry, begin, size)
    span = np.full(n_changed, -1, np.int32)
    for i in range(n_changed):
        if s.delivers[s.changed[i]] < s.value[n + s.changed[i]]:
            span[i] = block[s.node[n + s.changed[i]] - 1]
    for x in nodes:
        s.node[n + x] = 0
    return span, begin, size


@part
def _fallen(f, s, net, n_changed, end):  # type: ignore[no-untyped-def]
    """Number the slots that fell in this instant; return them and which deliver nothing."""
    n = len(f.asset)
    nodes, many = np.empty(n_changed + 8, np.int32), np.int64(0)
    for i in range(n_changed):
        x = s.changed[i]
        if s.delivers[x] < s.value[n + x]:
            nodes, many = append(nodes, many, np.int64(x))
            s.node[n + x] = many
    for row in range(s.tally[0].began, end):
        value = s.rows[row].value
        if value < n or s.rows[row].after >= s.rows[row].before or s.rows[row].after > 0.0:
            continue
        x = np.int64(value - n)
        if f.slot[x].net == net and s.node[value] == 0:
            nodes, many = append(nodes, many, x)
            s.node[value] = many
    dark = np.zeros(many, np.uint8)
    for i in range(many):
        x = nodes[i]
        # slots that fell in an earlier round count only if they fell to 0
        dark[i] = s.delivers[x] <= 0.0 or s.value[n + x] <= 0.0
    return nodes[:many], dark


@part
def _own_rows(f, s, net, nodes, dark, switched, end):  # type: ignore[no-untyped-def]
    """Return for every node a chain of the rows that lowered its asset or cut a link to it."""
    n = len(f.asset)
    head = np.full(len(nodes), -1, np.int32)
    follow, entry, many = np.empty(16, np.int32), np.empty(16, np.int32), np.int64(0)
    for row in range(s.tally[0].began, end):
        value = s.rows[row].value
        if value < 0 or value >= n or s.rows[row].after >= s.rows[row].before:
            continue
        x = _slot_in(f, np.int64(s.rows[row].asset), net)
        i = s.node[n + x] - 1 if x >= 0 else -1
        if i >= 0 and (s.rows[row].after <= 0.0 or not dark[i]):
            follow, _ = append(follow, many, np.int64(head[i]))
            entry, many = append(entry, many, np.int64(row))
            head[i] = many - 1
    for row in switched:
        link = s.rows[row].link
        if s.rows[row].after > 0.0:
            continue
        for x in (f.link_from[link], f.link_to[link]):
            i = s.node[n + x] - 1
            if i < 0 or not dark[i]:
                continue
            for j in range(f.inward_ptr[x], f.inward_ptr[x + 1]):
                if f.inward_link[j] == link:
                    follow, _ = append(follow, many, np.int64(head[i]))
                    entry, many = append(entry, many, np.int64(row))
                    head[i] = many - 1
    return head, follow, entry


@part
def _edges(f, s, nodes, dark, switched):  # type: ignore[no-untyped-def]
    """Return the edges from every dark node, against its links, to dark nodes upstream."""
    n = len(f.asset)
    ptr = np.zeros(len(nodes) + 1, np.int32)
    target, many = np.empty(64, np.int32), np.int64(0)
    for i in range(len(nodes)):
        x = nodes[i]
        for j in range(f.inward_ptr[x], f.inward_ptr[x + 1]):
            to, link = s.node[n + f.inward[j]] - 1, f.inward_link[j]
            if to < 0 or not dark[i] or not dark[to]:
                continue
            if s.is_cut[link] == 0 or _is_among(s, link, switched):
                target, many = append(target, many, np.int64(to))
        ptr[i + 1] = many
    return ptr, target[:many]


@part
def _list_of(s, b, inside, block, ptr, target, head, follow, entry, begin, size):  # type: ignore[no-untyped-def]
    """Return the list of one block: its rows and those upstream; a single list is shared."""
    c = s.tally[0]
    before, alone, own = -1, True, False
    for i in inside:
        own = own or head[i] >= 0
        for j in range(ptr[i], ptr[i + 1]):
            p = block[target[j]]
            if p != b and p != before:
                alone = alone and before < 0
                before = p
    if not own and alone and before >= 0:
        begin[b], size[b] = begin[before], size[before]
        return
    begin[b] = c.pool
    for i in inside:
        e = head[i]
        while e >= 0:
            collect(s, np.int64(entry[e]))
            e = follow[e]
        last = -1
        for j in range(ptr[i], ptr[i + 1]):
            p = block[target[j]]
            if p != b and p != last:
                last = p
                for k in range(begin[p], begin[p] + size[p]):
                    collect(s, np.int64(s.pool[k]))
    size[b] = _close_list(s, begin[b])
