"""Differences between two pictures, and between two plain scenarios, for the stream.

Exact, and of the size of what changed: all rows of every asset (or line) of which any row differs,
in place of those it had; services, marks and the rest where they differ. ``page/base/changes.js``
puts it into the picture that a page holds. The form is in ``docs/reference/live.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np

from layouts.feed.columns import coded, numbers, read
from layouts.feed.payloads.picture import Picture, PictureDifference, RowsOfSome
from layouts.feed.payloads.scenario import ScenarioDifference
from models.change import ABSENT, LISTS, Change

Rows = Mapping[int, Sequence[tuple[Any, ...]]]

#: table of a picture → the column with the owner of a row
TABLES = {"states": "a", "links": "k", "losses": "a", "cells": "c"}
#: parts of a picture that are sent anew where they differ at all
WHOLE = ("horizon_ms", "deadlocks", "summary", "lacking", "at_least", "groups", "spill")


class IndexedPicture:
    """A picture as it travels, with its tables read once for all comparisons."""

    def __init__(self, payload: Picture) -> None:
        self.payload = payload

    @cached_property
    def rows(self) -> dict[str, dict[int, list[tuple[Any, ...]]]]:
        """Return for each table the rows of each asset or line, in their order."""
        payload: Mapping[str, Any] = self.payload
        return {name: _by_owner(payload[name], owner) for name, owner in TABLES.items()}


def picture_change(before: IndexedPicture, after: IndexedPicture) -> PictureDifference:
    """Return the difference that turns ``before`` into ``after``."""
    new: Mapping[str, Any] = after.payload
    changed = {name: new[name] for name in WHOLE if _differs(before, after, name)}
    for name, owner in TABLES.items():
        table = _table_change(before.rows[name], after.rows[name], new[name], owner)
        if table:
            changed[name] = table
    if _differs(before, after, "marks"):
        changed["marks"] = splice(before.payload["marks"], after.payload["marks"])
    if _differs(before, after, "people"):
        there = {person["service"]: person for person in before.payload["people"]}
        people = after.payload["people"]
        changed["people"] = [person for person in people if there.get(person["service"]) != person]
        changed["services"] = [person["service"] for person in people]
    return cast("PictureDifference", changed)


def scenario_change(change: Change) -> ScenarioDifference:
    """Return a change of a plain scenario as it is sent: fields set and unset, lists spliced."""
    sent: dict[str, Any] = {"set": {}, "unset": []}
    for name, (before, after) in change.parts.items():
        if after is ABSENT:
            sent["unset"].append(name)
        elif name in LISTS and isinstance(before, list):
            sent[name] = splice(before, after)
        else:
            sent["set"][name] = after
    return cast("ScenarioDifference", sent)


def splice(before: Sequence[Any], after: Sequence[Any]) -> list[Any]:
    """Return ``[at, how many go, [what comes]]``: the splice that turns one list into another."""
    short = min(len(before), len(after))
    head = next((i for i in range(short) if before[i] != after[i]), short)
    rest = short - head
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    return [head, len(before) - head - tail, list(after[head : len(after) - tail])]


def _differs(before: IndexedPicture, after: IndexedPicture, name: str) -> bool:
    old: Mapping[str, Any] = before.payload
    new: Mapping[str, Any] = after.payload
    return bool(old[name] != new[name])


def _by_owner(table: Mapping[str, Any], owner: str) -> dict[int, list[tuple[Any, ...]]]:
    columns = [read(column) for column in table.values()]
    place = list(table).index(owner)
    rows: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in zip(*columns, strict=True):
        rows[row[place]].append(row)
    return dict(rows)


def _table_change(
    before: Rows, after: Rows, table: Mapping[str, Any], owner: str
) -> RowsOfSome | None:
    """Return the owners with different rows, and all their current rows."""
    gone = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    if not gone:
        return None
    names = list(table)
    rows = _ordered((row for key in gone for row in after.get(key, ())), names, owner)
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return {
        "of": numbers(np.array(gone, dtype=np.int64)),
        "rows": {name: coded(column) for name, column in columns.items()},
    }


def _ordered(
    rows: Iterable[tuple[Any, ...]], names: Sequence[str], owner: str
) -> list[tuple[Any, ...]]:
    """Return rows in the order of a picture: by time, then people, then owner."""
    t, column = names.index("t"), names.index(owner)
    if "people_total" not in names:
        return sorted(rows, key=lambda row: (row[t], row[column]))
    people = names.index("people_total")
    return sorted(rows, key=lambda row: (row[t], -row[people], row[column]))
