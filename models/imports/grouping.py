"""Hundreds of findings become a few: those that say the same of different rows are one group."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from models.imports.staged import Finding, Mend

#: Rows and examples that a group lists; more are counted.
MAX_ROWS, MAX_GROUPS = 20, 200
_VARIES = re.compile(r"'[^']*'|\d[\d.,]*")


@dataclass(slots=True)
class _Group:
    first: Finding
    rows: list[int] = field(default_factory=list)
    count: int = 0


def grouped(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings of one kind as one entry: its first text, how often, in which rows.

    Those with the same mend are one group, whatever their rows say: it is applied to all at once.
    """
    groups: dict[tuple[str, str | None, str | Mend], _Group] = {}
    for finding in findings:
        kind = finding.mend or _VARIES.sub("…", finding.message)
        group = groups.setdefault((finding.file, finding.column, kind), _Group(finding))
        group.count += 1
        if finding.row is not None and len(group.rows) < MAX_ROWS:
            group.rows.append(finding.row)
    # what can be mended at once comes first, then what is said most often
    ordered = sorted(groups.values(), key=lambda g: (g.first.mend is None, -g.count))
    return [_plain(group) for group in ordered[:MAX_GROUPS]]


def _plain(group: _Group) -> dict[str, Any]:
    first = group.first
    mend = first.mend
    return {
        "file": first.file, "column": first.column, "message": first.message,
        "offer": first.offer, "count": group.count, "rows": group.rows,
        "mend": {"section": mend.section, "wrong": mend.wrong, "right": mend.right}
        if mend else None,
    }  # fmt: skip
