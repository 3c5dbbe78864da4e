"""Screenings as the JSON of ``docs/reference/format.md`` and as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from data.documents.outcomes import version
from models.criticality.screening import Pair, Pairs, Single, Singles
from models.world import World


def screening_plain(world: World, singles: Singles, pairs: Pairs | None) -> dict[str, Any]:
    """Return the plain form: counts of assets and people, person-hours, hours (h).

    Parameters
    ----------
    world
        What was screened.
    singles
        Each asset by itself.
    pairs
        Every two of them, where that was asked for.
    """
    plain = {
        "world": world.world_id,
        "world_sha256": world.sha256,
        "version": version(),
        "by": singles.by,
        "people": "people_distinct",
        "horizon_h": singles.horizon_h,
        "screened": singles.screened,
        "singles": [_single(world, row) for row in singles.rows],
    }
    if pairs is not None:
        plain |= {
            "pairs": pairs.screened,
            "pairs_hidden": pairs.n_hidden,
            "hidden": [_pair(world, row) for row in pairs.hidden],
            "worst": [_pair(world, row) for row in pairs.worst],
        }
    return plain


def _single(world: World, row: Single) -> dict[str, Any]:
    return {
        "asset": row.asset,
        "name": world.assets[row.asset].name,
        "assets": row.assets,
        "people": row.people,
        "person_hours": row.person_hours,
        "shares_cause_with": _causes(world, row.causes, [row.asset]),
    }


def _pair(world: World, row: Pair) -> dict[str, Any]:
    pair = [row.first, row.second]
    return {
        "pair": pair,
        "names": [world.assets[asset].name for asset in pair],
        "assets": row.assets,
        "people": row.people,
        "person_hours": row.person_hours,
        "assets_only": row.assets_only,
        "people_only": row.people_only,
        "person_hours_only": row.person_hours_only,
        "shares_cause_with": _causes(world, row.causes, pair),
    }


def _causes(world: World, causes: Iterable[str], but: Sequence[str]) -> list[dict[str, Any]]:
    rows = (world.common_causes[cause] for cause in causes)
    return [
        {
            "group": cause.group_id,
            "basis": cause.basis,
            "assets": [asset for asset in cause.asset_ids if asset not in but],
            "links": list(cause.link_ids),
        }
        for cause in rows
    ]


# --- tables for the terminal -----------------------------------------------------------------


def screening_lines(world: World, singles: Singles, pairs: Pairs | None, top: int) -> Iterator[str]:
    """Return the first ``top`` rows of each ranking as lines of text.

    Parameters
    ----------
    world
        What was screened.
    singles
        Each asset by itself.
    pairs
        Every two of them, where that was asked for.
    top
        How many rows of each ranking.
    """
    until = "in the end" if singles.horizon_h is None else f"within {singles.horizon_h:g} h"
    yield (
        f"{world.title}: {singles.screened:,} assets, each knocked out by itself at 0 h; "
        f"what is lost {until}, itself included, by {singles.by}"
    )
    yield "People lack something at the worst moment; each is counted once (people_distinct)."
    timed = singles.horizon_h is not None
    head = ["assets", "people", *(["person-hours"] if timed else []), "asset"]
    rows = [
        [*_figures(row.assets, row.people, row.person_hours), _name(world, row.asset)]
        for row in singles.rows[:top]
    ]
    also = [_also(world, row.causes, [row.asset]) for row in singles.rows[:top]]
    yield from _table(head, rows, also)
    if pairs is not None:
        yield from _pair_lines(world, pairs)


def _pair_lines(world: World, pairs: Pairs) -> Iterator[str]:
    timed = pairs.horizon_h is not None
    head = ["assets", "people", *(["person-hours"] if timed else []), "pair"]
    also = [_also(world, row.causes, [row.first, row.second]) for row in pairs.hidden]
    yield ""
    yield (
        f"{pairs.n_hidden:,} of {pairs.screened:,} pairs take something that neither takes alone; "
        "of that:"
    )
    rows = [
        [
            *_figures(row.assets_only, row.people_only, row.person_hours_only),
            f"{_name(world, row.first)} + {_name(world, row.second)}",
        ]
        for row in pairs.hidden
    ]
    yield from _table(head, rows, also)
    yield ""
    yield "The pairs that take most, all together:"
    rows = [
        [
            *_figures(row.assets, row.people, row.person_hours),
            f"{_name(world, row.first)} + {_name(world, row.second)}",
        ]
        for row in pairs.worst
    ]
    yield from _table(head, rows, [""] * len(rows))


def _figures(assets: int, people: int, person_hours: float | None) -> list[str]:
    hours = [] if person_hours is None else [f"{person_hours:,.0f}"]
    return [f"{assets:,}", f"{people:,}", *hours]


def _name(world: World, asset: str) -> str:
    label = world.label(asset)
    return label if label == asset else f"{label} ({asset})"


def _also(world: World, causes: Iterable[str], but: Sequence[str]) -> str:
    """Return the other members of their common causes; at most the first three of each."""
    parts = []
    for cause in (world.common_causes[c] for c in causes):
        others = [world.label(a) for a in cause.asset_ids if a not in but] + list(cause.link_ids)
        more = f" and {len(others) - 3:,} more" if len(others) > 3 else ""
        named = ", ".join(others[:3]) or "each other"
        parts.append(f"also shares a {cause.basis} with {named}{more}")
    return "; ".join(parts)


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], also: Sequence[str]
) -> Iterator[str]:
    """Align figures to the right and the last column to the left."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head) - 1)]
    for row, note in zip([head, *rows], ["", *also], strict=True):
        figures = "  ".join(text.rjust(width) for text, width in zip(row[:-1], widths, strict=True))
        yield f"{figures}  {row[-1]}{f'; {note}' if note else ''}"
