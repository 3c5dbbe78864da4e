"""Who lives where and who serves them: all cells of a world, those of service areas among them.

People live in cells, and assets serve cells (:class:`~models.world.Serving`). An asset of
``service_areas`` whose service no serving names is a cell of its own, with as many people as its
largest area. Nothing tells which of these cells overlap (``Settlement.may_overlap``).

A partial supply is shed in the order of ``shed_order``, and evenly among those of one rank and
among all without a rank, who come last (:func:`lost_part`).
"""

from __future__ import annotations

import weakref
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import fsum, inf
from typing import NamedTuple

from models.world import SEWAGE_TREATMENT, Cell, ServiceArea, Serving, World, parts_served

#: what the cell of an asset with service areas is called: this before the asset's id
AREA_CELL = "area:"
#: the group of all people
EVERYBODY = ""


class Served(NamedTuple):
    """A service that an asset gives a part (``share``) of a cell's people.

    These go without while the asset's shortfall, in [0, 1], passes from ``shed_from`` to
    ``shed_from + shed_width``: the part of its people who are shed before them, and their own.
    """

    service: str
    asset_id: str
    share: float
    shed_from: float = 0.0
    shed_width: float = 1.0


class Neighbours(NamedTuple):
    """People whom the same assets serve alike: how many of them, by group."""

    served: tuple[Served, ...]
    people: tuple[tuple[str, int], ...]


def lost_part(level: float, shed_from: float, shed_width: float) -> float:
    """Return the part of the people served at one rank who go without, in [0, 1].

    Parameters
    ----------
    level
        What their asset delivers, in [0, 1].
    shed_from, shed_width
        Of a :class:`Served`.
    """
    if level >= 1.0 or level <= 0.0:  # exact, however the ranks were added up
        return 1.0 if level <= 0.0 else 0.0
    return min(1.0, max(0.0, (1.0 - level - shed_from) / shed_width))


@dataclass(frozen=True, eq=False)
class Settlement:
    """All cells of a world, and who serves them; those of service areas are among them."""

    cells: Mapping[str, Cell]
    servings: tuple[Serving, ...]
    #: the cells that are made of service areas
    area_cells: frozenset[str] = frozenset()

    @cached_property
    def served(self) -> Mapping[str, tuple[Served, ...]]:
        """Return who serves each cell with what, in order."""
        found: dict[str, list[Served]] = defaultdict(list)
        for serving, rank in zip(self.servings, self.ranks, strict=True):
            found[serving.cell_id].append(
                Served(serving.service, serving.asset_id, serving.share, *rank)
            )
        return {cell_id: tuple(sorted(served)) for cell_id, served in sorted(found.items())}

    @cached_property
    def neighbours(self) -> tuple[Neighbours, ...]:
        """Return the people of all cells that the same assets serve alike, together."""
        people: dict[tuple[Served, ...], Counter[str]] = defaultdict(Counter)
        for cell_id, served in self.served.items():
            cell = self.cells[cell_id]
            people[served].update({EVERYBODY: cell.people, **dict(cell.groups)})
        return tuple(
            Neighbours(served, tuple((name, n) for name, n in sorted(counts.items()) if n))
            for served, counts in sorted(people.items())
        )

    @cached_property
    def neighbours_of(self) -> Mapping[str, frozenset[int]]:
        """Return the places among ``neighbours`` of those whom each asset serves."""
        found: dict[str, set[int]] = defaultdict(set)
        for place, neighbours in enumerate(self.neighbours):
            for service in neighbours.served:
                found[service.asset_id].add(place)
        return {asset_id: frozenset(places) for asset_id, places in found.items()}

    @cached_property
    def area_neighbours(self) -> frozenset[int]:
        """Return the places among ``neighbours`` of those who live in cells of service areas."""
        kinds = {self.served[cell_id] for cell_id in self.area_cells}
        return frozenset(
            n for n, neighbour in enumerate(self.neighbours) if neighbour.served in kinds
        )

    @cached_property
    def parts(self) -> tuple[float, ...]:
        """Return the part of its cell's people that each serving is for, in [0, 1]."""
        return parts_served(self.servings)

    @cached_property
    def ranks(self) -> tuple[tuple[float, float], ...]:
        """Return ``shed_from`` and ``shed_width`` of each serving."""
        found = [(0.0, 1.0)] * len(self.servings)
        of_asset: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, serving in enumerate(self.servings):
            of_asset[serving.asset_id, serving.service].append(place)
        for places in of_asset.values():
            if any(self._order(place) < inf for place in places):
                for place, rank in self._ranked(sorted(places, key=self._order)):
                    found[place] = rank
        return tuple(found)

    def _ranked(self, places: list[int]) -> Iterator[tuple[int, tuple[float, float]]]:
        """Yield when each serving of one asset and service is shed; ``places`` are in order."""
        people = {p: self.cells[self.servings[p].cell_id].people * self.parts[p] for p in places}
        total, before = fsum(people.values()), 0.0
        for _, alike in groupby(places, key=self._order):
            ranked = list(alike)
            here = fsum(people[place] for place in ranked)
            if here > 0:  # a rank without people is never seen
                yield from ((place, (before / total, here / total)) for place in ranked)
            before += here

    def _order(self, place: int) -> float:
        """Return the stated rank of a serving, or else of its cell; without one it is the last."""
        serving = self.servings[place]
        stated = serving.shed_order
        if stated is None:
            stated = self.cells[serving.cell_id].shed_order
        return inf if stated is None else stated

    @cached_property
    def cells_of(self) -> Mapping[str, tuple[str, ...]]:
        """Return the cells that each asset serves, in order."""
        found: dict[str, set[str]] = defaultdict(set)
        for serving in self.servings:
            found[serving.asset_id].add(serving.cell_id)
        return {asset_id: tuple(sorted(cells)) for asset_id, cells in found.items()}

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Return the groups that people are counted in, everybody first."""
        named = {name for cell in self.cells.values() for name, _ in cell.groups}
        return (EVERYBODY, *sorted(named))

    @cached_property
    def may_overlap(self) -> bool:
        """Whether one household may live in two cells: in areas of assets that serve differently.

        Areas of one service are taken to lie side by side, as nobody has two suppliers of it.
        """
        kinds = {frozenset(service.service for service in self.served[c]) for c in self.area_cells}
        return len(kinds) > 1 or (bool(kinds) and len(self.area_cells) < len(self.served))


#: By the identity of worlds that are still there.
_SETTLEMENTS: dict[int, Settlement] = {}


def settlement_of(world: World) -> Settlement:
    """Return the cells of a world, made once per world."""
    found = _SETTLEMENTS.get(id(world))
    if found is None:
        found = _SETTLEMENTS[id(world)] = _settlement(world)
        weakref.finalize(world, _SETTLEMENTS.pop, id(world), None)
    return found


def _settlement(world: World) -> Settlement:
    home = [serving for serving in world.servings if serving.service != SEWAGE_TREATMENT]
    by_cells = {serving.service for serving in home}
    areas: dict[str, list[ServiceArea]] = defaultdict(list)
    for area in world.service_areas:
        if area.service not in by_cells and area.people:
            areas[area.asset_id].append(area)
    cells, servings = dict(world.cells), home
    for asset_id, listed in areas.items():
        by_service: dict[str, int] = defaultdict(int)
        for area in listed:
            by_service[area.service] += round(area.people)
        asset, people = world.assets[asset_id], max(by_service.values())
        cell_id = AREA_CELL + asset_id
        while cell_id in cells:
            cell_id = AREA_CELL + cell_id
        cells[cell_id] = Cell(cell_id, people, asset.lon, asset.lat)
        servings += [
            Serving(cell_id, asset_id, service, count / people, confidence=listed[0].confidence)
            for service, count in sorted(by_service.items())
        ]
    return Settlement(cells, tuple(servings), frozenset(cells.keys() - world.cells.keys()))


def parts_for(served: Sequence[Served]) -> dict[str, float]:
    """Return the part of a cell's people whom each service is for, in [0, 1]."""
    shares: dict[str, list[float]] = defaultdict(list)
    for service in served:
        shares[service.service].append(service.share)
    return {service: min(1.0, fsum(listed)) for service, listed in shares.items()}
