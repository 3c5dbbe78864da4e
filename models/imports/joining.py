"""Several staged tables become one: records of one asset are matched, names become ids.

Earlier files go first: their ids stay. What later files say of the same asset is kept with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from models.errors import closest, did_you_mean
from models.imports.matching import Match, match, merged
from models.imports.staged import Finding, Mend, Staged
from models.space.areas import to_metres, utm_crs
from models.world import JUNCTION, Asset, Flow, Group, Link

#: Matches listed one by one; more are counted.
_MAX_LISTED = 50
_OF_SERVICE = {"road": "transport", "rail": "transport", "drinking_water": "water",
               "waste_water": "water", "communications": "telecom"}  # fmt: skip


def join(
    read: Sequence[Staged],
    numbers: Mapping[str, float],
    names: Mapping[str, str] | None = None,
) -> Staged:
    """Return one set of staged tables.

    Parameters
    ----------
    read
        What each file gave, in the order of the files.
    numbers
        By name (``import_numbers.csv``).
    names
        What rows call an asset → what it is called; mends of names that nobody has.
    """
    joined = Staged()
    for part in read:
        renamed = _take_assets(joined, part, numbers)
        _take_tables(joined, part, renamed)
    boxes = [part.bbox for part in read if part.bbox]
    if boxes:
        joined.bbox = (
            min(b[0] for b in boxes), min(b[1] for b in boxes),
            max(b[2] for b in boxes), max(b[3] for b in boxes),
        )  # fmt: skip
    joined.snapshot_date = max((part.snapshot_date for part in read), default="")
    joined.licence = "; ".join(dict.fromkeys(part.licence for part in read if part.licence))
    joined.attribution = "; ".join(dict.fromkeys(x.attribution for x in read if x.attribution))
    _tie_loose(joined, numbers)
    _resolve(joined, names or {})
    _drop_odd_ends(joined)
    return joined


def _take_assets(joined: Staged, part: Staged, numbers: Mapping[str, float]) -> dict[str, str]:
    """Add the assets of a file; return the ids of those that are known already by another."""
    renamed: dict[str, str] = {}
    file = part.layers[0].file if part.layers else ""
    result = match(joined.assets, part.assets, numbers) if joined.assets else []
    for number, pair in enumerate(result):
        joined.assets[pair.one] = merged(joined.assets[pair.one], part.assets[pair.other], pair)
        joined.ids[pair.one] = (*joined.ids.get(pair.one, ()), pair.other)
        renamed[pair.other] = pair.one
        if number < _MAX_LISTED:
            _tell_match(joined, file, pair)
    if len(result) > _MAX_LISTED:
        joined.find(file, f"{len(result) - _MAX_LISTED} more records are assets of earlier files.")
    for asset_id, asset in part.assets.items():
        if asset_id not in renamed:
            joined.assets[asset_id] = asset
    for asset_id, facts in part.facts.items():
        known = renamed.get(asset_id, asset_id)
        joined.facts[known] = {**joined.facts.get(known, {}), **facts}
    return renamed


def _tell_match(joined: Staged, file: str, pair: Match) -> None:
    joined.find(
        file, f"'{pair.other}' is taken for '{pair.one}': {pair.reason} (confidence "
        f"{pair.confidence}).",
        offer="If they are two, give them different names or import the file alone.",
    )  # fmt: skip


def _take_tables(joined: Staged, part: Staged, renamed: Mapping[str, str]) -> None:
    def now(asset_id: str) -> str:
        return renamed.get(asset_id, asset_id)

    joined.links += [replace(x, from_id=now(x.from_id), to_id=now(x.to_id)) for x in part.links]
    joined.groups += [
        replace(
            g, consumer_id=now(g.consumer_id),
            suppliers=tuple(replace(s, asset_id=now(s.asset_id)) for s in g.suppliers),
        )
        for g in part.groups
    ]  # fmt: skip
    joined.flows += [replace(f, asset_id=now(f.asset_id)) for f in part.flows]
    joined.common_causes += part.common_causes
    joined.service_areas += [replace(a, asset_id=now(a.asset_id)) for a in part.service_areas]
    joined.cells += part.cells
    joined.servings += [replace(s, asset_id=now(s.asset_id)) for s in part.servings]
    joined.ranges += part.ranges
    joined.unknown_needs += [replace(u, asset_id=now(u.asset_id)) for u in part.unknown_needs]
    joined.markings += part.markings
    joined.overrides += [replace(o, consumer=now(o.consumer)) for o in part.overrides]
    joined.loose += part.loose
    joined.said_in.update(part.said_in)
    joined.layers += part.layers
    joined.findings += part.findings
    joined.sources += part.sources
    for name, rows in part.base.items():
        joined.base.setdefault(name, []).extend(rows)


# --- lines whose ends nobody names -------------------------------------------------------------


def _tie_loose(joined: Staged, numbers: Mapping[str, float]) -> None:
    """Tie the ends of drawn lines to the assets that they reach, else to junctions."""
    if not joined.loose:
        return
    ends = [end for _, first, last in joined.loose for end in (first, last)]
    places = np.array(ends)
    lon, lat = np.median(places, axis=0)
    transform = to_metres(utm_crs(float(lon), float(lat))).transform
    spots = shapely.points(np.column_stack(transform(places[:, 0], places[:, 1])))
    at = _assets_at(joined, spots, transform, numbers["open_snap_m"] / 4)
    links: list[Link] = []
    used = {x.link_id for x in joined.links}
    for row, (link, first, last) in enumerate(joined.loose):
        ids = [
            at.get(2 * row + side) or _junction(joined, place, link)
            for side, place in enumerate((first, last))
        ]
        if ids[0] == ids[1]:
            continue
        link_id, number = link.link_id, 1
        while link_id in used:
            number += 1
            link_id = f"{link.link_id}-{number}"
        used.add(link_id)
        links.append(replace(link, link_id=link_id, from_id=ids[0], to_id=ids[1]))
    joined.links += links
    joined.loose = []


def _assets_at(
    joined: Staged, spots: np.ndarray, transform: object, reach_m: float
) -> dict[int, str]:
    """Return the asset that each spot lies in or near."""
    known = [a for a in joined.assets.values() if not a.is_junction]
    if not known:
        return {}
    shapes = np.array([a.geometry or shapely.Point(a.lon, a.lat) for a in known], dtype=object)
    metres = shapely.transform(shapes, transform, interleaved=False)
    tree = shapely.STRtree(metres)
    rows, hits = tree.query_nearest(spots, max_distance=reach_m, all_matches=False)
    return {int(row): known[int(hit)].asset_id for row, hit in zip(rows, hits, strict=True)}


def _junction(joined: Staged, place: tuple[float, float], link: Link) -> str:
    lon, lat = round(place[0], 5), round(place[1], 5)
    asset_id = f"junction/{link.service}/{lon},{lat}"
    if asset_id not in joined.assets:
        sector = _OF_SERVICE.get(link.service, "energy")
        joined.assets[asset_id] = Asset(
            asset_id, "", JUNCTION, sector, lon, lat, source=link.source
        )
    return asset_id


# --- names become ids --------------------------------------------------------------------------


class _Names:
    """The ids of assets by all that rows may call them."""

    def __init__(self, joined: Staged, mends: Mapping[str, str]) -> None:
        self.joined, self._mends = joined, mends
        self._alias = {other: one for one, others in joined.ids.items() for other in others}
        self._by_name: dict[str, str] = {}
        for asset_id, asset in joined.assets.items():
            if asset.name:
                self._by_name.setdefault(asset.name.casefold(), asset_id)

    def __call__(self, text: str) -> str | None:
        text = self._mends.get(text, text)
        if text in self.joined.assets:
            return text
        return self._alias.get(text) or self._by_name.get(text.casefold())


def _resolve(joined: Staged, mends: Mapping[str, str]) -> None:
    """Turn the names that rows call others by into ids; leave out what nobody knows."""
    known = _Names(joined, mends)
    joined.groups = [g for group in joined.groups if (g := _group(joined, group, known))]
    joined.links = [x for link in joined.links if (x := _link(joined, link, known))]
    flows: dict[tuple[str, str], Flow] = {}
    for flow in joined.flows:
        asset_id = known(flow.asset_id)
        if asset_id is None:
            _tell_unknown(joined, "flows", flow.asset_id, "")
            continue
        before = flows.get((asset_id, flow.service), Flow(asset_id, flow.service))
        flows[asset_id, flow.service] = replace(
            flow,
            asset_id=asset_id,
            supply=before.supply if flow.supply is None else flow.supply,
            demand=before.demand if flow.demand is None else flow.demand,
            unit=flow.unit or before.unit,
        )
    joined.flows = list(flows.values())


def _group(joined: Staged, group: Group, known: _Names) -> Group | None:
    consumer = known(group.consumer_id)
    if consumer is None:
        _tell_unknown(joined, group.source, group.consumer_id, "")
        return None
    suppliers = []
    for supplier in group.suppliers:
        result = known(supplier.asset_id)
        if result is None:
            _tell_unknown(joined, group.source, supplier.asset_id, group.consumer_id)
        else:
            suppliers.append(replace(supplier, asset_id=result))
    if not suppliers:
        return None
    k = min(group.k, len(suppliers))
    return replace(group, consumer_id=consumer, suppliers=tuple(suppliers), k=k)


def _link(joined: Staged, link: Link, known: _Names) -> Link | None:
    ends = known(link.from_id), known(link.to_id)
    for text, end in zip((link.from_id, link.to_id), ends, strict=True):
        if end is None:
            _tell_unknown(joined, link.source, text, link.link_id)
    if not ends[0] or not ends[1] or ends[0] == ends[1]:
        return None
    return replace(link, from_id=ends[0], to_id=ends[1])


def _tell_unknown(joined: Staged, file: str, wrong: str, of: str) -> None:
    names = list(joined.assets) if len(joined.assets) < 20_000 else []
    hint = did_you_mean(wrong, names, "Add it to the assets.")
    likely = closest(wrong, names)
    whose = f"'{of}' names" if of else "a row names"
    text = f"{whose} '{wrong[:80]}', which is no asset of these files."
    row, column = joined.said_in.get((of, wrong), (None, None))
    joined.findings.append(
        Finding(file, text, row, column, hint, Mend("names", wrong, likely) if likely else None)
    )


def _drop_odd_ends(joined: Staged) -> None:
    """Leave out what is about assets that are not there."""
    joined.servings = [s for s in joined.servings if s.asset_id in joined.assets]
    joined.service_areas = [a for a in joined.service_areas if a.asset_id in joined.assets]
