"""What the browser is told: the world's features once, and one outcome over time.

Both forms are fixed in ``docs/reference/page.md``. An asset or link is named by its position in
the features; times are milliseconds; columns instead of rows keep the picture small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from layouts.words import Labels, basis_of, buffer_ends, event_words, lower_first
from models.consequences import (
    delivery_course,
    lost_by_sector,
    people_without,
    person_hours,
    restored_ms,
)
from models.outcome import STATES, Deadlock, Outcome, State, StateChange, TraceRow
from models.scenario import Scenario
from models.units import to_ms
from models.world import Asset, Link, World

Steps = Sequence[tuple[int, float]]
Plain = dict[str, Any]

CODE: Mapping[State, int] = {state: code for code, state in enumerate(STATES)}
LINK_WORKING, LINK_HIT, LINK_DARK = range(3)

#: about 0.1 m, finer than the data
_DECIMALS = 6


def listed_assets(world: World) -> tuple[str, ...]:
    """Return the ids of the assets that people see, in the order of the features."""
    return tuple(a.asset_id for a in world.assets.values() if not a.is_junction)


# ------------------------------------------------------------------ features


def features(world: World, labels: Labels, base: Mapping[str, str]) -> Plain:
    """Return the world as the page draws it; ``base`` are the addresses of the base map."""
    assets = [world.assets[asset_id] for asset_id in listed_assets(world)]
    return {
        "id": world.world_id,
        "title": world.title,
        "snapshot_date": world.snapshot_date,
        "attribution": world.attribution,
        "bbox": list(world.bbox or _bbox(world.assets.values())),
        "sha256": world.sha256,
        "states": list(STATES),
        "sectors": _sectors(assets, labels),
        "services": _services(world, labels),
        "assets": [_asset(world, asset, labels) for asset in assets],
        "links": [_link(world, link) for link in world.links.values()],
        "corridors": [
            {
                "id": cause.group_id,
                "name": cause.name or cause.group_id,
                "basis": cause.basis,
                "assets": list(cause.asset_ids),
                "links": list(cause.link_ids),
            }
            for cause in world.common_causes.values()
        ],
        "dependencies": _dependencies(world, assets),
        "base": dict(base),
    }


def _dependencies(world: World, assets: Sequence[Asset]) -> list[tuple[int, int, str, str]]:
    """Return supplier, consumer, service and how it is known, by its first letter.

    Junctions have no place among the assets; what hangs on one is drawn by the links themselves.
    """
    index = {asset.asset_id: i for i, asset in enumerate(assets)}
    found = {
        (index[supplier.asset_id], index[group.consumer_id], group.service, basis_of(group.origin))
        for group in world.groups.values()
        for supplier in group.suppliers
        if supplier.asset_id in index and group.consumer_id in index
    }
    return [(one, other, service, basis[0]) for one, other, service, basis in sorted(found)]


#: Lines below this voltage are drawn thinner: they distribute, they do not transport.
_TRANSPORT_KV = 60


def _bbox(assets: Iterable[Asset]) -> tuple[float, float, float, float]:
    spots = [(a.lon, a.lat) for a in assets]
    if not spots:
        return (-10.0, 35.0, 30.0, 60.0)
    lons, lats = zip(*spots, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _sectors(assets: Iterable[Asset], labels: Labels) -> list[Plain]:
    found = {asset.sector for asset in assets}
    known = [sector for sector in labels.sectors if sector in found]
    rest = sorted(found - set(known))
    return [{"id": sector, "label": labels.sector(sector)} for sector in known + rest]


def _services(world: World, labels: Labels) -> list[Plain]:
    served = {area.service for area in world.service_areas}
    used = {group.service for group in world.groups.values()} | set(world.link_services)
    found = served | used | {service for a in world.assets.values() for service in a.provides}
    known = [service for service in labels.services if service in found]
    return [
        {
            "id": service,
            "label": labels.service(service),
            "people_label": labels.people_label(service),
            "unit": labels.services[service].unit if service in labels.services else "people",
            "in_panel": service in served
            and (service not in labels.services or labels.services[service].in_panel),
        }
        for service in known + sorted(found - set(known))
    ]


def _asset(world: World, asset: Asset, labels: Labels) -> Plain:
    is_area = asset.geometry is not None and asset.geometry.geom_type != "Point"
    needs = {(g.service, basis_of(g.origin)) for g in world.groups_of.get(asset.asset_id, ())}
    unknown = {(n.service, "unknown") for n in world.unknown_needs if n.asset_id == asset.asset_id}
    return {
        "id": asset.asset_id,
        "name": asset.name or asset.asset_id,
        "type": asset.asset_type,
        "type_label": labels.asset_type(asset.asset_type),
        "special": asset.asset_type in labels.special_types,
        "sector": asset.sector,
        "lon": round(asset.lon, _DECIMALS),
        "lat": round(asset.lat, _DECIMALS),
        "origin": asset.origin,
        "confidence": asset.confidence,
        "source": asset.source,
        "operator": asset.operator,
        "people": {a.service: a.people for a in world.people_of.get(asset.asset_id, ())},
        "needs": [list(need) for need in sorted(needs | unknown)],
        "note": asset.note,
        "shape": _shape(asset.geometry) if is_area else None,
    }


def _link(world: World, link: Link) -> Plain:
    ends = [world.assets[link.from_id], world.assets[link.to_id]]
    line = _line(link.geometry) or [_spot(end.lon, end.lat) for end in ends]
    return {
        "id": link.link_id,
        "name": link.name,
        "service": link.service,
        "origin": link.origin,
        "confidence": link.confidence,
        "from": link.from_id,
        "to": link.to_id,
        "minor": link.voltage_kv is not None and link.voltage_kv < _TRANSPORT_KV,
        "line": line,
    }


def _spot(lon: float, lat: float) -> list[float]:
    return [round(lon, _DECIMALS), round(lat, _DECIMALS)]


def _line(geometry: BaseGeometry | None) -> list[list[float]]:
    """Return one run of points; the parts of a multi-line follow each other."""
    if geometry is None or geometry.is_empty:
        return []
    parts = getattr(geometry, "geoms", [geometry])
    return [_spot(x, y) for part in parts for x, y, *_ in part.coords]


def _shape(geometry: BaseGeometry | None) -> Plain | None:
    return None if geometry is None else _rounded(mapping(geometry))


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, _DECIMALS) if isinstance(value, float) else value


# ------------------------------------------------------------------- picture


def picture(
    world: World,
    scenario: Scenario,
    outcome: Outcome,
    labels: Labels,
) -> Plain:
    """Return one outcome over time. Who it belongs to is added by :func:`addressed`."""
    index = {asset_id: i for i, asset_id in enumerate(listed_assets(world))}
    people = [
        _people(service, course, outcome.horizon_ms)
        for service, course in people_without(world, outcome).items()
    ]
    return {
        "scenario": None,
        "rev": 0,
        "horizon_ms": outcome.horizon_ms,
        "states": _states(outcome, index),
        "links": _links(world, outcome),
        "people": people,
        "losses": _losses(world, outcome, index, labels),
        "marks": _marks(world, scenario, labels),
        "deadlocks": [_deadlock(world, lock, index, labels) for lock in outcome.deadlocks],
        "summary": _summary(world, outcome, index, people),
    }


def addressed(drawn: Mapping[str, Any], scenario_id: str | None, rev: int) -> Plain:
    """Return a picture under the id and revision of its scenario; viewers share the rest."""
    return {**drawn, "scenario": scenario_id, "rev": rev}


def _states(outcome: Outcome, index: Mapping[str, int]) -> dict[str, list[float]]:
    named = sorted(
        (
            (change.t_ms, asset_id, order, change)
            for asset_id, changes in outcome.states.items()
            if asset_id in index
            for order, change in enumerate(changes)
        ),
        key=lambda row: (row[0], index[row[1]], row[2]),
    )
    changes = [change for *_, change in named]
    return {
        "t": [change.t_ms for change in changes],
        "a": [index[asset_id] for _, asset_id, _, _ in named],
        "s": [CODE[_drawn(change)] for change in changes],
        "d": [-1 if change.deadline_ms is None else change.deadline_ms for change in changes],
        "l": [round(change.level, 4) for change in changes],
        "v": [round(change.delivered, 4) for change in changes],
    }


def _drawn(change: StateChange) -> State:
    """Return the state to draw: a deadlock's own members stand out from all who wait for them.

    The engine calls everything stuck that cannot come back by itself. On a map that would colour
    a whole town like the few assets that somebody has to start.
    """
    if change.state != "stuck" or change.locked:
        return change.state
    return "failed-cascade" if change.delivered <= 0 else "degraded"


def at(steps: Steps, t_ms: int, before: float = 1.0) -> float:
    """Return the value of a step function at a time; ``before`` until its first step."""
    value = before
    for t, level in steps:
        if t > t_ms:
            break
        value = level
    return value


def _links(world: World, outcome: Outcome) -> dict[str, list[int]]:
    rows: list[tuple[int, int, int]] = []
    for k, link in enumerate(world.links.values()):
        shown = LINK_WORKING
        for t, state in _link_steps(link, outcome):
            if state != shown:
                rows.append((t, k, state))
                shown = state
    rows.sort()
    return {"t": [r[0] for r in rows], "k": [r[1] for r in rows], "s": [r[2] for r in rows]}


def _link_steps(link: Link, outcome: Outcome) -> list[tuple[int, int]]:
    """Return the link's states: hit, or dark where neither end gets what it carries."""
    hits = outcome.link_hits.get(link.link_id, ())
    ends = [outcome.delivery.get((end, link.service), ()) for end in (link.from_id, link.to_id)]
    moments = sorted({t for steps in (hits, *ends) for t, _ in steps})

    def state(t: int) -> int:
        if at(hits, t) <= 0:
            return LINK_HIT
        return LINK_DARK if all(at(steps, t) <= 0 for steps in ends) else LINK_WORKING

    return [(t, state(t)) for t in moments]


def _people(service: str, course: Steps, horizon_ms: int) -> Plain:
    """Return people without a service, whole people, only where the number changes."""
    t: list[int] = []
    n: list[int] = []
    for moment, people in course:
        if not n or round(people) != n[-1]:
            t.append(moment)
            n.append(round(people))
    hours = round(person_hours(tuple(course), horizon_ms))
    return {"service": service, "t": t, "n": n, "peak": max(n), "person_hours": hours}


# -------------------------------------------------------------------- losses


def _losses(
    world: World, outcome: Outcome, index: Mapping[str, int], labels: Labels
) -> list[Plain]:
    falls: dict[tuple[int, str], list[TraceRow]] = defaultdict(list)
    for row in outcome.trace:
        if row.asset is not None and row.asset in index and row.after < row.before:
            falls[row.t_ms, row.asset].append(row)
    found = [
        _loss(world, outcome, index, labels, rows)
        for (t_ms, asset_id), rows in falls.items()
        if _does_less(outcome, asset_id, t_ms)
    ]
    return sorted(found, key=lambda loss: (loss["t"], -loss["people_total"], loss["a"]))


def _loss(
    world: World,
    outcome: Outcome,
    index: Mapping[str, int],
    labels: Labels,
    rows: Sequence[TraceRow],
) -> Plain:
    """Return one asset's fall at one moment; its own level's row tells more than a delivery's."""
    row = next((row for row in rows if row.service is None), rows[0])
    asset_id = str(row.asset)
    people = _newly_without(world, outcome, asset_id, row.t_ms)
    return {
        "t": row.t_ms,
        "a": index[asset_id],
        "kind": row.kind,
        "state": _state_at(outcome, asset_id, row.t_ms),
        "text": _loss_text(world, row, labels),
        "people": people,
        # a person without two services is one person: the largest, not the sum
        "people_total": max(people.values(), default=0),
    }


def _does_less(outcome: Outcome, asset_id: str, t_ms: int) -> bool:
    """Whether people notice: what already delivers nothing cannot be lost a second time."""
    changes = outcome.states.get(asset_id, ())
    before = [change.delivered for change in changes if change.t_ms < t_ms]
    after = [change.delivered for change in changes if change.t_ms <= t_ms]
    return bool(after) and after[-1] < (before[-1] if before else 1.0)


def _newly_without(world: World, outcome: Outcome, asset_id: str, t_ms: int) -> dict[str, int]:
    found = {}
    for area in world.people_of.get(asset_id, ()):
        steps = delivery_course(outcome, asset_id, area.service)
        earlier = [step for step in steps if step[0] < t_ms]
        lost = round(area.people * (at(earlier, t_ms) - at(steps, t_ms)))
        if lost > 0:
            found[area.service] = lost
    return found


def _state_at(outcome: Outcome, asset_id: str, t_ms: int) -> int:
    state: State = "working"
    for change in outcome.states.get(asset_id, ()):
        if change.t_ms > t_ms:
            break
        state = _drawn(change)
    return CODE[state]


def _loss_text(world: World, row: TraceRow, labels: Labels) -> str:
    if row.kind in ("direct", "common-cause"):
        return "hit" if row.after <= 0 else f"hit, down to {round(100 * row.after)} %"
    group = world.groups.get(row.group or "")
    if row.service is not None:
        return f"no {lower_first(labels.service(row.service))} arrives"
    if group is None:
        return "lost"
    if row.kind == "autonomy":
        return buffer_ends(group, labels)
    return f"no {lower_first(labels.service(group.service))}"


# ----------------------------------------------------- marks, locks, summary


def _marks(world: World, scenario: Scenario, labels: Labels) -> list[Plain]:
    marks = [
        {"t": to_ms(event.at_h), "text": event_words(world, event, labels).sentence, "event": i}
        for i, event in enumerate(scenario.events)
    ]
    return sorted(marks, key=lambda mark: (mark["t"], mark["event"]))


def _deadlock(world: World, lock: Deadlock, index: Mapping[str, int], labels: Labels) -> Plain:
    names = ", ".join(world.label(a) for a in lock.assets)
    supplies = " and ".join(
        f"{lower_first(labels.service(s.service))} for {world.label(s.asset)}"
        for s in lock.breaking
    )
    way_out = f" Emergency {supplies} frees them." if supplies else ""
    return {
        "assets": [index[a] for a in lock.assets if a in index],
        "text": f"{names} wait for each other: none can start first.{way_out}",
        "break": [
            {"a": index[s.asset], "service": s.service} for s in lock.breaking if s.asset in index
        ],
    }


def _summary(
    world: World, outcome: Outcome, index: Mapping[str, int], people: Sequence[Plain]
) -> Plain:
    counts = lost_by_sector(world, outcome).values()
    return {
        "direct": sum(count.direct for count in counts),
        "indirect": sum(count.indirect for count in counts),
        "unknown": len(world.hidden & index.keys()),
        "people_peak": max((one["peak"] for one in people), default=0),
        "restored_90_ms": restored_ms(outcome),
    }
