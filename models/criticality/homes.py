"""Cells of people as arrays: who lacks something while a run goes on, each counted once."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from models.cascade.arrays import F64, I32
from models.cascade.timed.prepared import Prepared
from models.impact.settlement import settlement_of
from models.world import World


class Homes(NamedTuple):
    """The people that values of a run serve.

    A *slot* is a cell and one of its services; the slots of a cell follow each other. ``ptr``
    [values + 1] leads from a value to ``slot`` and ``part``, the part of the cell's people that it
    serves; ``shed_from`` and ``shed_width`` say when these are shed (``settlement.Served``).
    ``cell`` [slots] is the cell of each, ``slots`` [cells + 1] where its slots begin, and
    ``people`` [cells] how many live there.
    """

    ptr: I32
    slot: I32
    part: F64
    shed_from: F64
    shed_width: F64
    cell: I32
    slots: I32
    people: F64


class Lack(NamedTuple):
    """What people lack at some moment: the state that a run changes.

    ``slot`` [slots]: the part of the cell's people without that service; ``cell`` [cells]: without
    any one, the largest of these; ``people`` [2]: the distinct people now, and the most so far.
    """

    slot: F64
    cell: F64
    people: F64


#: Of worlds that are still there, with all services.
_HOMES: WeakKeyDictionary[Prepared, Homes] = WeakKeyDictionary()


def homes_of(world: World, prepared: Prepared, besides: Container[str] = ()) -> Homes:
    """Return the cells of a world as arrays, made once where every service counts.

    Parameters
    ----------
    world
        Who lives where, served by whom.
    prepared
        The same world, as the kernels read it.
    besides
        Services that do not count.
    """
    if besides:
        return _homes_of(world, prepared, besides)
    found = _HOMES.get(prepared)
    if found is None:
        found = _HOMES[prepared] = _homes_of(world, prepared, besides)
    return found


def _homes_of(world: World, prepared: Prepared, besides: Container[str]) -> Homes:
    settlement = settlement_of(world)
    rows = zip(settlement.servings, settlement.parts, settlement.ranks, strict=True)
    counted = [row for row in rows if row[0].service not in besides]
    keys = sorted({(s.cell_id, s.service) for s, *_ in counted})
    cells = sorted({cell_id for cell_id, _ in keys})
    cell_place = {cell_id: i for i, cell_id in enumerate(cells)}
    slot_place = {key: i for i, key in enumerate(keys)}
    cell = np.array([cell_place[cell_id] for cell_id, _ in keys], np.int32)
    value = np.array([_value(prepared, s.asset_id, s.service) for s, *_ in counted], np.int64)
    order = np.argsort(value, kind="stable")
    slot = np.array([slot_place[s.cell_id, s.service] for s, *_ in counted], np.int32)
    return Homes(
        _starts(value, len(prepared.settled.value)),
        slot[order],
        np.array([part for _, part, _ in counted], np.float64)[order],
        np.array([shed_from for _, _, (shed_from, _) in counted], np.float64)[order],
        np.array([shed_width for _, _, (_, shed_width) in counted], np.float64)[order],
        cell,
        _starts(cell, len(cells)),
        np.array([settlement.cells[cell_id].people for cell_id in cells], np.float64),
    )


def no_lack(homes: Homes) -> Lack:
    """Return the state in which nobody lacks anything."""
    return Lack(np.zeros(len(homes.cell)), np.zeros(len(homes.people)), np.zeros(2))


def _value(prepared: Prepared, asset_id: str, service: str) -> int:
    """Return the number of the value that an asset delivers a service with."""
    asset, networks = prepared.arrays.number[asset_id], prepared.networks
    net = networks.services.index(service) if service in networks.services else -1
    slot = networks.slot.get((net, asset))
    return asset if slot is None else len(prepared.arrays.ids) + slot


def _starts(sorted_by: I32 | np.ndarray[tuple[int], np.dtype[np.int64]], size: int) -> I32:
    """Return where each of so many numbers begins, once rows are in their order."""
    starts = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(sorted_by, minlength=size), out=starts[1:])
    return starts
