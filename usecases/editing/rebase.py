"""Whether a change that was made on an older revision may still be made on the newest one.

Only where nobody could mind: it adds something, and all that others did meanwhile is about other
things, so it says the same there. Whatever else is stale is refused, and its author is told what
was changed. The store itself refuses every stale write: what fits is made anew, on the newest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from json import dumps
from typing import Any

from usecases.editing.actions import AddMeasure, Change, Degrade, Fail, Repair, SupplyAction

Plain = Mapping[str, Any]
_LISTS = ("events", "measures")
#: what changes nothing of what happens
_WORDS = ("title",)
#: what an event or measure is about
_NAMES = ("asset", "link", "supplier")


def still_fits(action: Change, then: Plain, now: Plain) -> bool:
    """Say whether ``action``, meant for the scenario of ``then``, fits that of ``now``."""
    if not isinstance(action, Fail | Repair | Degrade | SupplyAction | AddMeasure):
        return False
    others = {*then, *now} - {*_LISTS, *_WORDS}
    if any(then.get(name) != now.get(name) for name in others):
        return False
    return _about(action).isdisjoint(_touched(then, now))


def _about(action: Fail | Repair | Degrade | SupplyAction | AddMeasure) -> set[str]:
    if isinstance(action, AddMeasure):
        return _named([action.measure.model_dump()])
    links = action.links if isinstance(action, Fail | Repair) else []
    return {*action.assets, *links}


def _touched(then: Plain, now: Plain) -> set[str]:
    return {name for part in _LISTS for name in _named(_moved(then.get(part), now.get(part)))}


def _moved(then: Any, now: Any) -> Iterator[Plain]:
    """Yield the entries that came or went."""
    texts: dict[str, Plain] = {dumps(one, sort_keys=True): one for one in [*then, *now]}
    counts = [Counter(dumps(one, sort_keys=True) for one in side) for side in (then, now)]
    for text in (counts[0] - counts[1]) + (counts[1] - counts[0]):
        yield texts[text]


def _named(entries: Iterable[Plain]) -> set[str]:
    return {str(one[name]) for one in entries for name in _NAMES if one.get(name)}
