"""A change of a scenario as a value: the difference between two plain scenarios.

Rights, undo, rebase, the words of the log, the live stream and comparisons are all derived from
this one difference. For ``events`` and ``measures`` it lists the entries added and removed; any
other field is compared as a whole.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, NamedTuple

Plain = Mapping[str, Any]

#: the fields that are compared entry by entry
LISTS: Final = ("events", "measures")


class Absent(Enum):
    """The value of a field that a scenario does not have."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Touch(NamedTuple):
    """One thing that a change touches; ``entry`` is an entry that names neither asset nor link."""

    kind: Literal["asset", "link", "field", "entry"]
    name: str


#: the keys by which an entry of a list names things
_NAMED_BY: Mapping[str, Literal["asset", "link"]] = {
    "asset": "asset",
    "supplier": "asset",
    "link": "link",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a change cannot be applied: these things have changed since."""

    touches: frozenset[Touch]


@dataclass(frozen=True, slots=True)
class Change:
    """The difference between two plain scenarios.

    ``parts`` maps the name of each field that differs to its value before and after,
    :data:`ABSENT` where there is none. The values are those of the scenarios, not copies.
    """

    parts: Mapping[str, tuple[Any, Any]]

    @property
    def is_empty(self) -> bool:
        """Whether both scenarios are equal."""
        return not self.parts

    @property
    def inverse(self) -> Change:
        """Return the change from after to before."""
        return Change({name: (after, before) for name, (before, after) in self.parts.items()})

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """Return the fields that changed as a whole, each with its value before and after."""
        return {name: sides for name, sides in self.parts.items() if not _are_entries(name, sides)}

    def came(self, name: str) -> list[Any]:
        """Return the entries of ``events`` or ``measures`` that are new, in their order."""
        before, after = self._entries(name)
        return _beyond(after, before)

    def went(self, name: str) -> list[Any]:
        """Return the entries of ``events`` or ``measures`` that are gone, in their order."""
        before, after = self._entries(name)
        return _beyond(before, after)

    @property
    def adds_only(self) -> bool:
        """Whether it only adds entries; False if it is empty."""
        came = any(self.came(name) for name in LISTS)
        return came and not self.fields and not any(self.went(name) for name in LISTS)

    @property
    def touches(self) -> frozenset[Touch]:
        """Return the assets, links and fields that it touches."""
        touched = {Touch("field", name) for name in self.fields}
        for name in LISTS:
            for entry in (*self.came(name), *self.went(name)):
                touched |= touched_by(entry)
        return frozenset(touched)

    def apply(self, now: Plain) -> dict[str, Any] | Conflict:
        """Apply this change to a scenario that may differ from the one before it.

        Fields that the change does not touch keep their value in ``now``. Removed entries are
        removed; added entries are inserted behind the entry they followed, unless they are there
        already; events stay sorted by time.

        Parameters
        ----------
        now
            The plain scenario to change; it stays as it is.

        Returns
        -------
        The changed scenario, or a :class:`Conflict` if something that the change touches has
        changed since: a field has another value, or an entry to be removed is gone.
        """
        result, moved_on = dict(now), set[Touch]()
        for name, (before, after) in self.parts.items():
            current = now.get(name, ABSENT)
            value = after
            if current != before:
                sides = (before, after, current)
                if not _are_entries(name, sides):
                    moved_on.add(Touch("field", name))
                    continue
                merged = _merged(*(_listed(side) for side in sides))
                if isinstance(merged, Conflict):
                    moved_on |= merged.touches
                    continue
                value = _in_time(merged) if name == "events" else merged
            if value is ABSENT:
                result.pop(name, None)
            else:
                result[name] = value
        return Conflict(frozenset(moved_on)) if moved_on else result

    def _entries(self, name: str) -> tuple[Sequence[Any], Sequence[Any]]:
        before, after = self.parts.get(name, ((), ()))
        if not _are_entries(name, (before, after)):
            return (), ()
        return _listed(before), _listed(after)


def difference(before: Plain, after: Plain) -> Change:
    """Return the change from ``before`` to ``after``."""
    names = (*before, *(name for name in after if name not in before))
    sides = ((name, before.get(name, ABSENT), after.get(name, ABSENT)) for name in names)
    return Change({name: (was, becomes) for name, was, becomes in sides if was != becomes})


def touched_by(entry: object) -> frozenset[Touch]:
    """Return the assets and links that an event or a measure names."""
    named = frozenset(_named(entry)) if isinstance(entry, Mapping) else frozenset()
    return named or frozenset({Touch("entry", _key(entry))})


def _named(entry: Plain) -> Iterator[Touch]:
    for key, kind in _NAMED_BY.items():
        if entry.get(key) is not None:
            yield Touch(kind, str(entry[key]))


def _are_entries(name: str, sides: Iterable[Any]) -> bool:
    """Return whether a field is compared entry by entry: a missing field equals an empty list."""
    return name in LISTS and all(side is ABSENT or isinstance(side, list | tuple) for side in sides)


def _listed(side: Sequence[Any] | Absent) -> Sequence[Any]:
    return () if isinstance(side, Absent) else side


def _beyond(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return the multiset difference: entries that occur more often than among the others."""
    left, result = Counter(map(_key, others)), []
    for entry in some:
        key = _key(entry)
        if left[key] > 0:
            left[key] -= 1
        else:
            result.append(entry)
    return result


def _merged(
    before: Sequence[Any], after: Sequence[Any], now: Sequence[Any]
) -> list[Any] | Conflict:
    """Return ``now`` with the removals and additions that lead from ``before`` to ``after``."""
    keys_after, keys = [_key(entry) for entry in after], [_key(entry) for entry in now]
    n_before, n_after, n_now = Counter(map(_key, before)), Counter(keys_after), Counter(keys)
    entry_of = dict(zip((*keys_after, *keys), (*after, *now), strict=True))
    gone = {key for key in n_before - n_after if n_now[key] < n_before[key]}
    if gone:
        lost = (entry for entry in before if _key(entry) in gone)
        return Conflict(frozenset().union(*map(touched_by, lost)))
    for key, times in (n_before - n_after).items():
        for _ in range(times):
            keys.remove(key)
    for key in n_after - n_before:
        for _ in range(n_after[key] - n_now[key]):
            keys.insert(_place(keys_after, key, keys), key)
    return [entry_of[key] for key in keys]


def _place(order: Sequence[str], key: str, there: Sequence[str]) -> int:
    """Return the position of an entry: behind the nearest present entry that it followed."""
    present = set(there)
    for earlier in reversed(order[: order.index(key)]):
        if earlier in present:
            return len(there) - there[::-1].index(earlier)
    return 0


def _in_time(events: list[Any]) -> list[Any]:
    """Sort events by their hour, keeping the order of equal hours.

    A value that is no list of events is returned unchanged: the parser refuses it later.
    """
    hours = [event.get("at_h") if isinstance(event, dict) else None for event in events]
    if not all(isinstance(hour, int | float) for hour in hours):
        return events
    return sorted(events, key=lambda event: float(event["at_h"]))


def _key(entry: object) -> str:
    return json.dumps(entry, sort_keys=True)
