"""The link networks as flat arrays: one slot per (service, asset), slots of a network together.

Companion of ``arrays.py``, with its asset numbers. Within a network, slots go by asset id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from models.cascade.arrays import F64, I32, Array, WorldArrays
from models.world import World

#: How a slot feeds its network: not at all, without limit, or up to a limit.
NO_SOURCE, UNLIMITED, LIMITED = 0, 1, 2


@dataclass(frozen=True, eq=False)
class NetworkArrays:
    """The networks of N services with S slots and L links.

    Parameters
    ----------
    services
        The service of each network, sorted, [N].
    link_ids
        The ids of all links, sorted, [L].
    ptr
        Network → its slots, [N + 1].
    asset
        Slot → its asset's number, [S].
    feeds, supply, demand
        Slot → how it feeds the network, its limit, and its demand, [S].
    onward_ptr, onward, onward_link
        Slot → the slots that usable directions lead to, and by which link.
    inward_ptr, inward, inward_link
        The same, against the direction.
    around_ptr, around, around_link
        The same, in either direction.
    link_net, link_from, link_to
        Link → its network and the slots at its ends, [L].
    has_demand
        Whether anything draws from the network, [N]; only then is it balanced.
    source_ptr, source
        Network → the slots that feed it.
    """

    services: tuple[str, ...]
    link_ids: tuple[str, ...]
    ptr: I32
    asset: I32
    feeds: Array
    supply: F64
    demand: F64
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
    has_demand: Array
    source_ptr: I32
    source: I32

    @cached_property
    def slot(self) -> dict[tuple[int, int], int]:
        """Return the slot of each (network, asset number)."""
        net = np.repeat(np.arange(len(self.services)), np.diff(self.ptr))
        return {(n, a): s for s, (n, a) in enumerate(zip(net.tolist(), self.asset.tolist()))}  # noqa: B905

    @cached_property
    def link_number(self) -> dict[str, int]:
        """Return the number of each link id."""
        return {link: i for i, link in enumerate(self.link_ids)}


def network_arrays_of(world: World, arrays: WorldArrays) -> NetworkArrays:
    """Return the networks of every service that links carry or an asset feeds."""
    number, rank = arrays.number, arrays.rank
    supply: dict[tuple[str, int], float | None] = {
        (service, number[asset.asset_id]): None
        for asset in world.assets.values()
        for service in asset.source_of
    }
    demand: dict[tuple[str, int], float] = {}
    for flow in world.flows:
        if flow.supply is not None:
            supply[flow.service, number[flow.asset_id]] = flow.supply
        if flow.demand is not None:
            demand[flow.service, number[flow.asset_id]] = flow.demand
    services = tuple(sorted({*world.link_services, *(service for service, _ in supply)}))
    net = {service: i for i, service in enumerate(services)}
    link_ids = tuple(sorted(world.links))
    links = [world.links[link] for link in link_ids]
    members = {(net[link.service], number[link.from_id]) for link in links}
    members |= {(net[link.service], number[link.to_id]) for link in links}
    members |= {(net[service], asset) for service, asset in supply}
    slots = sorted(members, key=lambda pair: (pair[0], rank[pair[1]]))
    slot = {pair: i for i, pair in enumerate(slots)}
    size = len(slots)

    feeds, amount = np.zeros(size, np.uint8), np.zeros(size)
    for (service, a), most in supply.items():
        s = slot[net[service], a]
        feeds[s], amount[s] = (UNLIMITED, 0.0) if most is None else (LIMITED, most)
    drawn = np.zeros(size)
    for (service, a), much in demand.items():
        # demand outside the network does not count in its balance
        if service in net and (net[service], a) in slot and much > 0:
            drawn[slot[net[service], a]] = much
    slot_net = np.array([n for n, _ in slots], np.int32)
    link_net = np.array([net[link.service] for link in links], np.int32)
    ends_from = [slot[net[k.service], number[k.from_id]] for k in links]
    ends_to = [slot[net[k.service], number[k.to_id]] for k in links]
    link_from, link_to = np.array(ends_from, np.int32), np.array(ends_to, np.int32)
    every = np.arange(len(links), dtype=np.int32)
    both = every[np.array([not link.directed for link in links], dtype=bool)]
    out = _ends(size, (link_from, link_to[both]), (link_to, link_from[both]), (every, both))
    back = _ends(size, (link_to, link_from[both]), (link_from, link_to[both]), (every, both))
    around = _ends(size, (link_from, link_to), (link_to, link_from), (every, every))
    source = np.flatnonzero(feeds).astype(np.int32)
    nets = len(services)
    return NetworkArrays(
        services=services,
        link_ids=link_ids,
        ptr=_starts(np.bincount(slot_net, minlength=nets)),
        asset=np.array([a for _, a in slots], np.int32),
        feeds=feeds,
        supply=amount,
        demand=drawn,
        onward_ptr=out[0],
        onward=out[1],
        onward_link=out[2],
        inward_ptr=back[0],
        inward=back[1],
        inward_link=back[2],
        around_ptr=around[0],
        around=around[1],
        around_link=around[2],
        link_net=link_net,
        link_from=link_from,
        link_to=link_to,
        has_demand=np.bincount(slot_net, weights=drawn > 0, minlength=nets) > 0,
        source_ptr=_starts(np.bincount(slot_net[source], minlength=nets)),
        source=source,
    )


def _ends(
    size: int, here: Sequence[Array], there: Sequence[Array], link: Sequence[Array]
) -> tuple[I32, I32, I32]:
    """Return slot → neighbouring slots and links as pointers and two columns."""
    begin, end, by = (np.array([*chain(*parts)], np.int32) for parts in (here, there, link))
    order = np.argsort(begin, kind="stable")
    return _starts(np.bincount(begin, minlength=size)), end[order], by[order]


def _starts(sizes: Array) -> I32:
    starts: I32 = np.zeros(len(sizes) + 1, dtype=np.int32)
    np.cumsum(sizes, out=starts[1:])
    return starts
