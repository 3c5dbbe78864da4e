"""Which records of two sources are one asset: by id, name and place, with a reason.

Two records are one asset where both name it alike and stand near each other, or where one of
them has no name and they stand very near; ids that are equal settle it. Types must agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely

from models.space.areas import to_metres, utm_crs
from models.world import Asset

#: Types that sources of different care use for one thing.
ALIKE = (
    frozenset(("substation_ehv", "substation_hv", "substation_mv")),
    frozenset(("power_plant", "power_generator", "battery_storage", "heat_plant")),
    frozenset(("hospital", "clinic", "dialysis")),
    frozenset(("water_works", "water_supply", "water_pumping_station")),
)
#: Fields of the later record that go before those of the earlier one, if it has them.
_TAKEN = ("name", "operator", "contact", "product", "capacity", "repair_h", "tlp")


@dataclass(frozen=True, slots=True)
class Match:
    """The records ``one`` and ``other`` are the same asset; ``confidence`` as in the tables."""

    one: str
    other: str
    reason: str
    confidence: str


def match(
    known: Mapping[str, Asset], further: Mapping[str, Asset], numbers: Mapping[str, float]
) -> list[Match]:
    """Return which further records are known assets; each record is in one match at most.

    Parameters
    ----------
    known, further
        Assets of two sources, by id.
    numbers
        ``match_m``, ``match_near_m`` in metres, ``match_name`` in percent.
    """
    result = [Match(a, a, "the same id", "A") for a in sorted(known.keys() & further.keys())]
    taken = {m.one for m in result}
    a = [x for x in known.values() if not x.is_junction and x.asset_id not in taken]
    b = [x for x in further.values() if not x.is_junction and x.asset_id not in taken]
    if not a or not b:
        return result
    pairs = _near(a, b, numbers["match_m"])
    scored: list[tuple[float, float, str, str, str, str]] = []
    for one, other, metres in pairs:
        judgement = _judged(one, other, metres, numbers)
        if judgement:
            score, reason, confidence = judgement
            scored.append((-score, metres, one.asset_id, other.asset_id, reason, confidence))
    used: set[str] = set()
    for _, _, one_id, other_id, reason, confidence in sorted(scored):
        if one_id not in used and other_id not in used:
            used |= {one_id, other_id}
            result.append(Match(one_id, other_id, reason, confidence))
    return result


def _near(a: list[Asset], b: list[Asset], reach_m: float) -> list[tuple[Asset, Asset, float]]:
    lon, lat = np.median([(x.lon, x.lat) for x in b], axis=0)
    transform = to_metres(utm_crs(float(lon), float(lat))).transform
    spots = []
    for assets in (a, b):
        places = np.array([(x.lon, x.lat) for x in assets])
        x, y = transform(places[:, 0], places[:, 1])
        xy = np.column_stack([x, y])
        xy[~np.isfinite(xy)] = 1e9
        spots.append(shapely.points(xy))
    rows, hits = shapely.STRtree(spots[0]).query(spots[1], predicate="dwithin", distance=reach_m)
    away = shapely.distance(spots[1][rows], spots[0][hits])
    return [
        (a[hit], b[row], float(metres))
        for row, hit, metres in zip(rows.tolist(), hits.tolist(), away, strict=True)
    ]


def _judged(
    one: Asset, other: Asset, metres: float, numbers: Mapping[str, float]
) -> tuple[float, str, str] | None:
    """Return (score, reason, confidence) of a pair that is one asset, else None."""
    same = one.asset_type == other.asset_type
    if not same and not any({one.asset_type, other.asset_type} <= group for group in ALIKE):
        return None
    if one.name and other.name:
        from rapidfuzz import fuzz, utils

        score = fuzz.token_set_ratio(one.name, other.name, processor=utils.default_process)
        if score < numbers["match_name"]:
            return None
        confidence = "B" if same and score >= 95 else "C"
        return score, f"names {score:.0f} % alike, {metres:.0f} m apart", confidence
    if same and metres <= numbers["match_near_m"]:
        text = f"one type, {metres:.0f} m apart, one of them without a name"
        return 50.0, text, "D"
    return None


def merged(one: Asset, other: Asset, result: Match) -> Asset:
    """Return one asset with what both records say; what the later one replaces is in the note.

    Parameters
    ----------
    one, other
        The earlier and the later record.
    result
        Why they are one.
    """
    changes: dict[str, object] = {}
    kept: dict[str, list[str]] = defaultdict(list)
    for name in _TAKEN:
        before, after = getattr(one, name), getattr(other, name)
        if after in ("", None) or after == before:
            continue
        changes[name] = after
        if name == "capacity":
            changes["unit"] = other.unit
        if before not in ("", None):
            kept[name].append(str(before))
    said = "; ".join(f"{name} there: {', '.join(values)}" for name, values in kept.items())
    note = (
        f"also '{result.other}' in {other.source}: {result.reason} (confidence {result.confidence})"
    )
    parts = (one.note, other.note, note, f"{one.source}: {said}" if said else "")
    services = tuple(sorted({*one.provides, *other.provides}))
    return replace(
        one, note="; ".join(p for p in parts if p), provides=services,
        source_of=tuple(sorted({*one.source_of, *other.source_of})),
        restart_h=other.restart_h or one.restart_h,
        black_start=one.black_start or other.black_start,
        geometry=one.geometry or other.geometry, source=f"{one.source}; {other.source}",
        **changes,  # type: ignore[arg-type]
    )  # fmt: skip
