"""What the browser is told: the world's features once, and one outcome over time.

Both forms are fixed in ``docs/reference/page.md``. An asset or link is named by its position in
the features; times are milliseconds; columns instead of rows keep the picture small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from layouts.columns import coded, columns_of, numbers, read, table
from layouts.words import Labels, basis_of, buffer_ends, event_words, lower_first
from models.consequences import (
    delivery_course,
    lost_by_sector,
    people_without,
    person_hours,
    restored_ms,
)
from models.need_to_know import covered
from models.outcome import STATES, Deadlock, Outcome, State, StateChange, TraceRow
from models.scenario import Scenario
from models.units import to_ms
from models.wording import _
from models.world import Asset, Group, Link, World

Steps = Sequence[tuple[int, float]]
Plain = dict[str, Any]
Spot = tuple[float, float]

CODE: Mapping[State, int] = {state: code for code, state in enumerate(STATES)}
LINK_WORKING, LINK_HIT, LINK_DARK = range(3)

#: about 0.1 m, finer than the data
_DECIMALS = 6


def listed_assets(world: World) -> tuple[str, ...]:
    """Return the ids of the assets that people see, in the order of the features."""
    return world.listed


# ------------------------------------------------------------------ features


def features(world: World, labels: Labels, base: Mapping[str, str]) -> Plain:
    """Return the world as the page draws it; ``base`` are the addresses of the base map.

    Tables are sent as columns (``layouts/columns.py``): there may be some 100,000 assets.
    """
    assets = [world.assets[asset_id] for asset_id in world.listed]
    services = _services(world, labels)
    types = sorted({asset.asset_type for asset in assets})
    return {
        "id": world.world_id,
        "title": world.title,
        "snapshot_date": world.snapshot_date,
        "attribution": world.attribution,
        "bbox": list(world.bbox or _bbox(world.assets.values())),
        "sha256": world.sha256,
        "states": list(STATES),
        "sectors": _sectors(assets, labels),
        "services": services,
        "types": [
            {"id": one, "label": labels.asset_type(one), "special": one in labels.special_types}
            for one in types
        ],
        "assets": _assets(world, assets),
        "links": _link_columns(world),
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
        "dependencies": _dependencies(world),
        "base": dict(base),
    }


def _assets(world: World, assets: Sequence[Asset]) -> Plain:
    shaped = [
        (i, _rounded(mapping(asset.geometry)))
        for i, asset in enumerate(assets)
        if asset.geometry is not None and asset.geometry.geom_type != "Point"
    ]
    served = [
        (i, area.service, area.people)
        for i, asset in enumerate(assets)
        for area in world.people_of.get(asset.asset_id, ())
    ]
    texts = ("asset_type", "sector", "origin", "confidence", "source", "operator", "note")
    return {
        "id": [asset.asset_id for asset in assets],
        "name": coded(asset.name or asset.asset_id for asset in assets),
        **{name: coded(getattr(asset, name) for asset in assets) for name in texts},
        "lon": numbers(_microdegrees([asset.lon for asset in assets])),
        "lat": numbers(_microdegrees([asset.lat for asset in assets])),
        "needs": coded(_needs(world, asset.asset_id) for asset in assets),
        "people": {
            "a": numbers(np.array([i for i, _, _ in served], dtype=np.int64)),
            "service": coded(service for _, service, _ in served),
            "n": numbers(np.array([people for _, _, people in served], dtype=np.int64)),
        },
        "shapes": {"a": [i for i, _ in shaped], "shape": [shape for _, shape in shaped]},
    }


def _needs(world: World, asset_id: str) -> tuple[tuple[str, str], ...]:
    """Return what an asset needs, each with how that is known."""
    needs = {(g.service, basis_of(g.origin)) for g in world.groups_of.get(asset_id, ())}
    unknown = {(n.service, "unknown") for n in world.unknown_needs_of.get(asset_id, ())}
    return tuple(sorted(needs | unknown))


def _microdegrees(degrees: Sequence[float]) -> NDArray[np.int64]:
    """Return degrees times a million, shifted so that none is negative: about 0.1 m."""
    shifted = np.rint(np.asarray(degrees, dtype=float) * 10**_DECIMALS) + 180 * 10**_DECIMALS
    whole: NDArray[np.int64] = shifted.astype(np.int64)
    return whole


def _dependencies(world: World) -> Plain:
    """Return supplier, consumer, service and how it is known, by its first letter.

    Junctions have no place among the assets; what hangs on one is drawn by the links themselves.
    """
    place = world.place_of
    found = {
        (place[supplier.asset_id], place[group.consumer_id], group.service, group.origin)
        for group in world.groups.values()
        for supplier in group.suppliers
        if supplier.asset_id in place and group.consumer_id in place
    }
    rows = sorted({(*row[:3], basis_of(row[3])[0]) for row in found})
    return {
        "from": numbers(np.array([row[0] for row in rows], dtype=np.int64)),
        "to": numbers(np.array([row[1] for row in rows], dtype=np.int64)),
        "service": coded(row[2] for row in rows),
        "basis": coded(row[3] for row in rows),
    }


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
        }
        for service in known + sorted(found - set(known))
    ]


def _link_columns(world: World) -> Plain:
    """Return the links; ``points`` says how many spots of ``lon`` and ``lat`` each has."""
    links = list(world.links.values())
    lines = [_line(link.geometry) or _ends(world, link) for link in links]
    spots = [spot for line in lines for spot in line]
    texts = ("name", "service", "origin", "confidence")
    return {
        "id": [link.link_id for link in links],
        **{name: coded(getattr(link, name) for link in links) for name in texts},
        "from": coded(link.from_id for link in links),
        "to": coded(link.to_id for link in links),
        "minor": numbers(np.array([_is_minor(link) for link in links], dtype=np.uint8)),
        "points": numbers(np.array([len(line) for line in lines], dtype=np.int64)),
        "lon": numbers(_microdegrees([lon for lon, _ in spots])),
        "lat": numbers(_microdegrees([lat for _, lat in spots])),
    }


def _is_minor(link: Link) -> bool:
    return link.voltage_kv is not None and link.voltage_kv < _TRANSPORT_KV


def _ends(world: World, link: Link) -> list[Spot]:
    ends = (world.assets[link.from_id], world.assets[link.to_id])
    return [(end.lon, end.lat) for end in ends]


def _line(geometry: BaseGeometry | None) -> list[Spot]:
    """Return one run of points; the parts of a multi-line follow each other."""
    if geometry is None or geometry.is_empty:
        return []
    parts = getattr(geometry, "geoms", [geometry])
    return [(x, y) for part in parts for x, y, *_ in part.coords]


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
    people_course: Mapping[str, Steps] | None = None,
) -> Plain:
    """Return one outcome over time. Who it belongs to is added by :func:`addressed`.

    ``people_course``: the people without each service, where ``world`` and ``outcome`` are only
    what somebody may see; sums are told of the whole.
    """
    index = world.place_of
    courses = people_without(world, outcome) if people_course is None else people_course
    people = [
        _people(service, courses[service], outcome.horizon_ms, labels)
        for service in _in_their_order(courses, labels)
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


_STATES = ("t", "s", "d", "l", "v")
_LOSSES = ("t", "a", "kind", "state", "text", "people_total")


def packed(drawn: Mapping[str, Any]) -> Plain:
    """Return a picture as it travels: its long tables as columns."""
    states, links = drawn["states"], drawn["links"]
    return {
        **drawn,
        "states": {name: coded(states[name]) for name in _STATES}
        | {"a": numbers(np.array(states["a"], dtype=np.int64))},
        "links": {name: coded(column) for name, column in links.items()},
        "losses": columns_of(drawn["losses"], _LOSSES),
    }


def unpacked(told: Mapping[str, Any]) -> Plain:
    """Return a packed picture as :func:`picture` made it."""
    return {
        **told,
        "states": {name: read(column) for name, column in told["states"].items()},
        "links": {name: read(column) for name, column in told["links"].items()},
        "losses": table(told["losses"]),
    }


def _states(outcome: Outcome, index: Mapping[str, int]) -> dict[str, list[float]]:
    rows = sorted(
        (change.t_ms, index[asset_id], order, change)
        for asset_id, changes in outcome.states.items()
        if asset_id in index
        for order, change in enumerate(changes)
    )
    changes = [change for *_, change in rows]
    return {
        "t": [change.t_ms for change in changes],
        "a": [place for _, place, *_ in rows],
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
    for link_id in _touched_links(world, outcome):
        k, shown = world.link_place_of[link_id], LINK_WORKING
        for t, state in _link_steps(world.links[link_id], outcome):
            if state != shown:
                rows.append((t, k, state))
                shown = state
    rows.sort()
    return {"t": [r[0] for r in rows], "k": [r[1] for r in rows], "s": [r[2] for r in rows]}


def _touched_links(world: World, outcome: Outcome) -> set[str]:
    """Return the links that were hit, or at whose ends a delivery ever fell."""
    ends = (world.links_at.get(pair, ()) for pair in outcome.delivery)
    return set(outcome.link_hits).union(*ends)


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


def _in_their_order(services: Iterable[str], labels: Labels) -> list[str]:
    place = {service: n for n, service in enumerate(labels.services)}
    return sorted(services, key=lambda service: (place.get(service, len(place)), service))


def _people(service: str, course: Steps, horizon_ms: int, labels: Labels) -> Plain:
    """Return people without a service, whole people, only where the number changes.

    With what it is called: sums are of the whole world, also of services that somebody's own
    view of it has not.
    """
    t: list[int] = []
    n: list[int] = []
    for moment, people in course:
        if not n or round(people) != n[-1]:
            t.append(moment)
            n.append(round(people))
    hours = round(person_hours(tuple(course), horizon_ms))
    return {
        "service": service,
        "label": labels.service(service),
        "people_label": labels.people_label(service),
        "in_panel": labels.in_panel(service),
        "t": t,
        "n": n,
        "peak": max(n),
        "person_hours": hours,
    }


# -------------------------------------------------------------------- losses


def _losses(
    world: World, outcome: Outcome, index: Mapping[str, int], labels: Labels
) -> list[Plain]:
    falls: dict[tuple[int, int], TraceRow] = {}
    for row in outcome.trace:
        place = None if row.asset is None else index.get(row.asset)
        if place is None or row.after >= row.before:
            continue
        told = falls.setdefault((row.t_ms, place), row)
        # the row of its own level tells more than that of a delivery
        if told.service is not None and row.service is None:
            falls[row.t_ms, place] = row
    words, found = _LossWords(world, labels), []
    for (t_ms, place), row in falls.items():
        shown = _fallen_to(outcome, str(row.asset), t_ms)
        if shown is None:
            continue
        people = _newly_without(world, outcome, str(row.asset), t_ms)
        found.append(
            {
                "t": t_ms,
                "a": place,
                "kind": row.kind,
                "state": CODE[_drawn(shown)],
                "text": words.of(row),
                # a person without two services is one person: the largest, not the sum
                "people_total": max(people.values(), default=0),
            }
        )
    return sorted(found, key=lambda loss: (loss["t"], -loss["people_total"], loss["a"]))


def _fallen_to(outcome: Outcome, asset_id: str, t_ms: int) -> StateChange | None:
    """Return what a fall leads to; None where people notice nothing.

    What already delivers nothing cannot be lost a second time.
    """
    before, shown = 1.0, None
    for change in outcome.states.get(asset_id, ()):
        if change.t_ms > t_ms:
            break
        if change.t_ms < t_ms:
            before = change.delivered
        shown = change
    return shown if shown is not None and shown.delivered < before else None


def _newly_without(world: World, outcome: Outcome, asset_id: str, t_ms: int) -> dict[str, int]:
    found = {}
    for area in world.people_of.get(asset_id, ()):
        steps = delivery_course(outcome, asset_id, area.service)
        earlier = [step for step in steps if step[0] < t_ms]
        lost = round(area.people * (at(earlier, t_ms) - at(steps, t_ms)))
        if lost > 0:
            found[area.service] = lost
    return found


class _LossWords:
    """Why something fell, in a few words; of very many losses most are told alike."""

    def __init__(self, world: World, labels: Labels) -> None:
        self._world, self._labels = world, labels
        self._said: dict[tuple[object, ...], str] = {}

    def of(self, row: TraceRow) -> str:
        group = self._world.groups.get(row.group or "")
        # only the end of a reserve is told by what the group itself has
        need = row.group if row.kind == "autonomy" else group and group.service
        key = (row.kind, row.after, row.service, need)
        if key not in self._said:
            self._said[key] = _loss_text(group, row, self._labels)
        return self._said[key]


def _loss_text(group: Group | None, row: TraceRow, labels: Labels) -> str:
    if row.kind in ("direct", "common-cause"):
        share = round(100 * row.after)
        return _("hit") if share <= 0 else _("hit, down to {share} %").format(share=share)
    if row.service is not None:
        service = lower_first(labels.service(row.service))
        return _("no {service} arrives").format(service=service)
    if group is None:
        return _("lost")
    if row.kind == "autonomy":
        return buffer_ends(group, labels)
    return _("no {service}").format(service=lower_first(labels.service(group.service)))


# ----------------------------------------------------- marks, locks, summary


def _marks(world: World, scenario: Scenario, labels: Labels) -> list[Plain]:
    marks = [
        {"t": to_ms(event.at_h), "text": event_words(world, event, labels).sentence, "event": i}
        for i, event in enumerate(scenario.events)
    ]
    return sorted(marks, key=lambda mark: (mark["t"], mark["event"]))


def _deadlock(world: World, lock: Deadlock, index: Mapping[str, int], labels: Labels) -> Plain:
    unseen = [covered(lock.unseen)] if lock.unseen else []
    names = ", ".join([*(world.label(a) for a in lock.assets), *unseen])
    supplies = _(" and ").join(
        _("{service} for {name}").format(
            service=lower_first(labels.service(s.service)), name=world.label(s.asset)
        )
        for s in lock.breaking
    )
    way_out = ""
    # with a part of the supplies alone nobody is freed
    if supplies and not unseen:
        way_out = " " + _("Emergency {supplies} frees them.").format(supplies=supplies)
    if not lock.searched:
        way_out = " " + _("What would free them was not looked for: there is too much to try.")
    return {
        "assets": [index[a] for a in lock.assets if a in index],
        "text": _("{names} wait for each other: none can start first.").format(names=names)
        + way_out,
        "break": [
            {"a": index[s.asset], "service": s.service} for s in lock.breaking if s.asset in index
        ],
        "searched": lock.searched,
    }


def _summary(
    world: World, outcome: Outcome, index: Mapping[str, int], people: Sequence[Plain]
) -> Plain:
    counts = lost_by_sector(world, outcome).values()
    return {
        "direct": sum(count.direct for count in counts),
        "indirect": sum(count.indirect for count in counts),
        "unknown": len(world.hidden & index.keys()) if world.hidden else 0,
        "people_peak": max((one["peak"] for one in people), default=0),
        "restored_90_ms": restored_ms(outcome),
    }
