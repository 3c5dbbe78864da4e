"""Taking one change of a scenario back while leaving those that others made after it.

A change is the difference between a scenario before and after it. Of ``events`` and ``measures``
it is entries that came and entries that went; of any other field it is the field as a whole.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Plain = Mapping[str, Any]
LISTS = ("events", "measures")
_MISSING = object()


def taken_back(before: Plain, after: Plain, now: Plain) -> dict[str, Any] | None:
    """Return ``now`` without the change from ``before`` to ``after``.

    Fields that the change left alone stay as they are now. Entries that it added go, and entries
    that it removed come back, after the entry they followed; events stay in the order of time.

    Returns
    -------
    The scenario, or None where something that the change touched is no longer as it left it:
    a field has another value, or an entry that it added is gone.
    """
    if now == after:
        return dict(before)
    found = dict(now)
    for field in (*before, *(field for field in after if field not in before)):
        was, left, is_now = (one.get(field, _MISSING) for one in (before, after, now))
        if was == left:
            continue
        if field in LISTS and all(isinstance(one, list) for one in (was, left, is_now)):
            entries = _entries_taken_back(was, left, is_now)
            if entries is None:
                return None
            found[field] = _in_time(entries) if field == "events" else entries
        elif is_now != left:
            return None
        elif was is _MISSING:
            del found[field]
        else:
            found[field] = was
    return found


def _entries_taken_back(was: list[Any], left: list[Any], now: list[Any]) -> list[Any] | None:
    keys_was, keys_left, keys_now = ([_key(one) for one in side] for side in (was, left, now))
    n_was, n_left, n_now = Counter(keys_was), Counter(keys_left), Counter(keys_now)
    if any(n_now[key] < n_left[key] for key in n_left - n_was):
        return None
    entry_of = dict(zip(keys_was + keys_now, was + now, strict=True))
    keys = list(keys_now)
    for key, times in (n_left - n_was).items():
        for _ in range(times):
            keys.remove(key)
    for key in n_was - n_left:
        # somebody may have put it back already
        for _ in range(n_was[key] - n_now[key]):
            keys.insert(_place(keys_was, key, keys), key)
    return [entry_of[key] for key in keys]


def _place(was: Sequence[str], key: str, now: Sequence[str]) -> int:
    """Return where an entry belongs: behind the nearest still there of those it followed."""
    there = set(now)
    for earlier in reversed(was[: was.index(key)]):
        if earlier in there:
            return len(now) - now[::-1].index(earlier)
    return 0


def _in_time(events: list[Any]) -> list[Any]:
    """Sort events by their hour, equal ones in the order they are in; others are left as they are.

    The store also keeps what is no scenario: to tell is the work of its parser.
    """
    hours = [one.get("at_h") if isinstance(one, dict) else None for one in events]
    if not all(isinstance(hour, int | float) for hour in hours):
        return events
    return sorted(events, key=lambda one: float(one["at_h"]))


def _key(entry: object) -> str:
    return json.dumps(entry, sort_keys=True)
