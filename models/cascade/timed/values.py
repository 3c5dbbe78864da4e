"""The compiled engine with other numbers in the same world, for timed ensembles."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property

import numpy as np

from models.cascade.arrays import F64, I64, Array
from models.cascade.timed.arrays import NONE
from models.cascade.timed.prepared import Areas, Prepared, settled_of
from models.scenario import Scenario
from models.units import MS_PER_HOUR
from models.world import Range, World

#: Place of a number: the engine's table and field. Durations (``_h``) are stored in ms.
_FIELDS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("assets", "repair_h"): ("asset", "repair_ms"),
    ("assets", "restart_h"): ("asset", "restart_ms"),
    ("dependencies", "autonomy_h"): ("group", "full"),
    ("dependencies", "recharge_h"): ("group", "recharge"),
    ("dependencies", "restart_h"): ("group", "restart"),
    ("dependencies", "loss"): ("group", "loss"),
    ("dependencies", "min_supply_fraction"): ("group", "fraction"),
    ("dependencies", "share"): ("share", ""),
    ("flows", "supply"): ("slot", "supply"),
    ("flows", "demand"): ("slot", "demand"),
}
#: Durations that have a queue, and the field with its number.
_LANES = {
    "repair_ms": "repair_lane",
    "restart_ms": "restart_lane",
    "full": "full_lane",
    "restart": "restart_lane",
}


#: Numbers without effect before the first event.
_QUIET = {
    *(("asset", field) for field in ("repair_ms", "restart_ms")),
    *(("group", field) for field in ("full", "recharge", "restart", "loss")),
}


def can_be_set(world: World, scenario: Scenario, ranges: Sequence[Range]) -> bool:
    """Return whether no measure of the scenario changes the rows that these numbers belong to.

    Parameters
    ----------
    world, scenario
        World and scenario of the ensemble.
    ranges
        Numbers to set: each a row and a column of one of the world's tables.
    """
    measured = {(m.asset, m.service) for m in scenario.measures}
    for range_ in ranges:
        if range_.table == "dependencies":
            group = world.groups[range_.row[0]]
            if (group.consumer_id, group.service) in measured:
                return False
        elif range_.table == "flows" and range_.row in measured:
            return False
    return True


class NumberPlaces:
    """Places of uncertain numbers in the tables of a prepared world; threads may share it."""

    def __init__(self, prepared: Prepared, ranges: Sequence[Range]) -> None:
        self._prepared = prepared
        self._own: deque[Prepared] = deque()
        courses: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for column, range_ in enumerate(ranges):
            if (row := self._row(range_)) is not None:
                courses[_FIELDS[range_.table, range_.column]].append((row, column))
        self._places: dict[tuple[str, str], tuple[I64, I64]] = {}
        for place, pairs in courses.items():
            rows, columns = np.array(pairs, np.int64).T.copy()
            self._places[place] = rows, columns

    def _row(self, range_: Range) -> int | None:
        arrays, networks = self._prepared.arrays, self._prepared.networks
        if range_.table == "assets":
            return arrays.number[range_.row[0]]
        if range_.table == "flows":
            if range_.row[1] not in networks.services:
                return None
            net = networks.services.index(range_.row[1])
            return networks.slot.get((net, arrays.number[range_.row[0]]))
        group = arrays.group_number[range_.row[0]]
        if range_.column != "share":
            return group
        first, end = arrays.sup_ptr[group], arrays.sup_ptr[group + 1]
        supplier = arrays.number[range_.row[1]]
        return int(first + np.flatnonzero(arrays.supplier[first:end] == supplier)[0])

    @contextmanager
    def set_to(self, values: F64) -> Iterator[Prepared]:
        """Lend the world, settled at 0 h, with these ``values`` [ranges], in the tables' units."""
        if not self._is_quiet:
            yield self._anew(values)
            return
        try:
            own = self._own.pop()
            self._rewrite(own, values)
        except IndexError:
            own = self._anew(values)
        yield own
        self._own.append(own)  # not reached after an error: a half-changed world is dropped

    @cached_property
    def _is_quiet(self) -> bool:
        """Whether these numbers change nothing before the first event: stores stay full."""
        settled = self._prepared.settled
        return (
            self._places.keys() <= _QUIET
            and not settled.tally[0]["rows"]
            and not len(self._prepared.fixed.short)
        )

    def _anew(self, values: F64) -> Prepared:
        from models.cascade.compile.refs import Ref

        base = self._prepared.fixed
        new = {name: getattr(base, name).copy() for name in ("asset", "group", "slot", "share")}
        self._write(new, values)
        for table, field in self._places:
            if field in _LANES:  # each value is a different duration
                new[table][_LANES[field]][self._places[table, field][0]] = NONE
        draws = np.bincount(new["slot"]["net"], new["slot"]["demand"] > 0, len(base.has_demand))
        has_demand = (draws > 0).astype(base.has_demand.dtype)
        fixed, settled = settled_of(base._replace(**new, has_demand=has_demand))
        return replace(
            self._prepared,
            fixed=fixed,
            settled=settled,
            ref=Ref(fixed),
            settled_ref=Ref(settled),
            areas=_with_base(self._prepared.areas, settled.value),
            _spare=deque(),
        )

    def _rewrite(self, own: Prepared, values: F64) -> None:
        """Set the numbers of an unshared world, and the full stores of its states."""
        self._write(own.fixed._asdict(), values)
        if (stores := self._places.get(("group", "full"))) is not None:
            rows, _ = stores
            for live in (own.settled, *(state.live for state in own._spare)):
                live.group["stored"][rows] = own.fixed.group["full"][rows]

    def _write(self, tables: Mapping[str, Array], values: F64) -> None:
        for (table, field), (rows, columns) in self._places.items():
            drawn = values[columns]
            if table == "share":
                tables[table][rows] = drawn
                continue
            is_time = tables[table][field].dtype == np.int64
            tables[table][field][rows] = np.rint(drawn * MS_PER_HOUR) if is_time else drawn
            if field == "restart_ms":
                tables[table]["waits"][rows] = drawn > 0


def _with_base(areas: Areas, settled: F64) -> Areas:
    """Return the areas with the people who lack each service in a world settled like this."""
    without = areas.people * (1.0 - np.repeat(settled, np.diff(areas.ptr)))
    base: F64 = np.bincount(areas.service, without, len(areas.base)).astype(np.float64)
    return areas._replace(base=base)
