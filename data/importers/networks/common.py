"""What readers of network models share: places of nodes, and power systems as tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx
import numpy as np

from data.importers.options import Options
from data.importers.tables.layers import Axes, Layer, places
from data.worlds.tables import Findings, Table
from models.errors import BadInputError
from models.imports.staged import LayerReport, Staged
from models.knowledge.rules import Override
from models.world import ASSUMPTION, Asset, Flow, Link

#: Degrees over which a network without coordinates is drawn.
_SCHEMA_DEGREES = 0.5
_LIMIT_EHV_KV, _LIMIT_HV_KV = 220.0, 60.0
_PLANT_MW = 10.0
#: Larger networks without coordinates are drawn on a spiral: a spring layout takes too long.
_MAX_SPRING = 400


@dataclass(slots=True)
class Bus:
    """A node of a power system; ``x`` and ``y`` are NaN where the file does not say."""

    name: str
    kv: float | None
    x: float = math.nan
    y: float = math.nan
    label: str = ""


@dataclass(slots=True)
class Branch:
    """A line, cable, transformer or converter between two buses."""

    name: str
    one: str
    other: str
    kind: str = "line"
    length_m: float | None = None
    mva: float | None = None
    kv: float | None = None
    label: str = ""


@dataclass(slots=True)
class Unit:
    """A generator, a storage or a grid outside, at a bus; ``mw`` None: never short."""

    name: str
    bus: str
    mw: float | None
    source: str = ""
    kind: str = "generator"
    label: str = ""


@dataclass(slots=True)
class System:
    """A power system as its file has it."""

    buses: list[Bus] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    #: bus → MW
    loads: dict[str, float] = field(default_factory=dict)


def staged_power(system: System, file: str, kind: str, options: Options) -> Staged:
    """Return a power system as staged tables.

    Parameters
    ----------
    system
        What was read.
    file, kind
        For the report.
    options
        Reference system of the coordinates.

    Raises
    ------
    BadInputError
        If two buses have one name, or the coordinates are in nobody knows what.
    """
    staged = Staged()
    names = [bus.name for bus in system.buses]
    if not names:
        raise BadInputError([f"{file}: there is no bus in it."])
    twice = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise BadInputError([f"{file}: bus '{twice[0]}' is there twice."])
    lonlat = node_places(
        file, kind, names, [(b.x, b.y) for b in system.buses],
        [(b.one, b.other) for b in system.branches], options, staged,
    )  # fmt: skip
    at = dict(zip(names, lonlat, strict=True))
    for bus in system.buses:
        staged.assets[f"bus/{bus.name}"] = _bus(bus, at[bus.name], file)
    _branches(system, staged, file, kind)
    _units(system, at, staged, file, kind)
    for name, mw in sorted(system.loads.items()):
        if name in at and mw > 0:
            staged.flows.append(Flow(f"bus/{name}", "electricity", demand=round(mw, 6), unit="MW"))
    staged.layers.insert(0, LayerReport(file, kind, "buses", len(names), len(names)))
    staged.layers.append(LayerReport(file, kind, "loads", len(system.loads), len(system.loads)))
    _sources(system, staged, file)
    return staged


def _bus(bus: Bus, place: tuple[float, float], file: str) -> Asset:
    kv = bus.kv or 0.0
    kind = (
        "substation_ehv" if kv >= _LIMIT_EHV_KV
        else "substation_hv" if kv >= _LIMIT_HV_KV else "substation_mv"
    )  # fmt: skip
    label = bus.label or (f"Bus {bus.name}" + (f", {kv:g} kV" if kv else ""))
    return Asset(
        f"bus/{bus.name}", label, kind, "energy", place[0], place[1], confidence="A", source=file
    )


def _branches(system: System, staged: Staged, file: str, kind: str) -> None:
    known = {bus.name for bus in system.buses}
    report = LayerReport(file, kind, "branches", len(system.branches))
    seen: set[str] = set()
    for branch in system.branches:
        if branch.one not in known or branch.other not in known:
            report.left_out["an end is no bus"] += 1
            continue
        if branch.one == branch.other:
            report.left_out["both ends are one bus"] += 1
            continue
        link_id, number = f"{branch.kind}/{branch.name}", 1
        while link_id in seen:
            number += 1
            link_id = f"{branch.kind}/{branch.name}-{number}"
        seen.add(link_id)
        staged.links.append(
            Link(
                link_id, f"bus/{branch.one}", f"bus/{branch.other}", "electricity",
                capacity=branch.mva, length_m=branch.length_m, voltage_kv=branch.kv,
                name=branch.label or f"{branch.kind.capitalize()} {branch.name}",
                confidence="A", source=file,
            )
        )  # fmt: skip
        report.read += 1
    staged.layers.append(report)


def _units(
    system: System, at: Mapping[str, tuple[float, float]], staged: Staged, file: str, kind: str
) -> None:
    report = LayerReport(file, kind, "units", len(system.units))
    for unit in system.units:
        if unit.bus not in at:
            report.left_out["its bus is not there"] += 1
            continue
        asset_id = f"{unit.kind}/{unit.name}"
        if asset_id in staged.assets:
            report.left_out["the name is there twice"] += 1
            continue
        type_ = {
            "grid": "substation_ehv",
            "storage": "battery_storage",
        }.get(unit.kind) or ("power_plant" if (unit.mw or 0) >= _PLANT_MW else "power_generator")
        lon, lat = at[unit.bus]
        staged.assets[asset_id] = Asset(
            asset_id, unit.label or f"{unit.source or unit.kind.capitalize()} {unit.name}".strip(),
            type_, "energy", lon, lat, source_of=("electricity",) if unit.mw is None else (),
            capacity=unit.mw, unit="MW" if unit.mw is not None else "",
            confidence="A", source=file, origin=ASSUMPTION if unit.kind == "grid" else "declared",
        )  # fmt: skip
        staged.links.append(
            Link(f"connection/{asset_id}", asset_id, f"bus/{unit.bus}", "electricity",
                 length_m=0.0, name="Connection", confidence="A", source=file)
        )  # fmt: skip
        if unit.mw is not None:
            staged.flows.append(
                Flow(asset_id, "electricity", supply=round(max(unit.mw, 0.0), 6), unit="MW")
            )
        staged.overrides += [
            Override("skip", "", rule, "", asset_id, "", "its connection stands in the file")
            for rule in ("D044", "D097")
        ]
        source = unit.source.casefold()
        staged.facts[asset_id] = {"plant:source": "gas" if "gas" in source or source in
                                  ("ccgt", "ocgt") else source}  # fmt: skip
        report.read += 1
    staged.layers.append(report)


def _sources(system: System, staged: Staged, file: str) -> None:
    """Let parts of the network that nothing feeds be fed at their highest bus."""
    fed = {f.asset_id for f in staged.flows if f.supply}
    fed |= {a for a, x in staged.assets.items() if "electricity" in x.source_of}
    graph: nx.Graph[str] = nx.Graph((x.from_id, x.to_id) for x in staged.links)
    graph.add_nodes_from(a for a in staged.assets if a.startswith("bus/"))
    kv = {f"bus/{bus.name}": bus.kv or 0.0 for bus in system.buses}
    dark = 0
    for part in nx.connected_components(graph):
        if part & fed:
            continue
        top = min(part, key=lambda a: (-kv.get(a, 0.0), a))
        asset = staged.assets[top]
        dark += 1
        asset_id = f"assumed/grid/{top}"
        staged.assets[asset_id] = Asset(
            asset_id, "Grid outside (assumed)", "substation_ehv", "energy", asset.lon, asset.lat,
            source_of=("electricity",), confidence="D", source="assumption", origin=ASSUMPTION,
            note="nothing in the file feeds this part of the network",
        )  # fmt: skip
        staged.links.append(
            Link(f"connection/{asset_id}", asset_id, top, "electricity", length_m=0.0,
                 name="Assumed connection", origin=ASSUMPTION, confidence="D", source="assumption")
        )  # fmt: skip
    if dark:
        staged.find(
            file, f"{dark} parts of the network have no source: each is taken to be fed from "
            "outside at its highest bus.", offer="Add the generators or the grid that feeds it.",
        )  # fmt: skip


def node_places(
    file: str, kind: str, names: Sequence[str], xy: Sequence[tuple[float, float]],
    edges: Sequence[tuple[str, str]], options: Options, staged: Staged,
) -> list[tuple[float, float]]:  # fmt: skip
    """Return longitude and latitude of the nodes of a network.

    A node without coordinates stands between its neighbours; a network without any is drawn as a
    schema around 0, 0, and says so.

    Parameters
    ----------
    file, kind
        For messages.
    names
        Of the nodes.
    xy
        What the file states, NaN for nothing.
    edges
        Pairs of names.
    options
        Reference system of the coordinates.
    staged
        Told what is assumed.

    Raises
    ------
    BadInputError
        If the coordinates are no degrees and nobody says what they are in.
    """
    numbers = np.array(xy, dtype=float).reshape(-1, 2)
    if not np.isfinite(numbers).all(axis=1).any():
        staged.find(
            file, "the file has no coordinates: the network is drawn as a schema around 0, 0. "
            "Its places have no meaning.", offer="Import a table with ids and coordinates too.",
        )  # fmt: skip
        return _schema(names, edges)
    table = Table(file, "node", tuple(range(1, len(names) + 1)), {"x": (), "y": ()})
    findings = Findings()
    numbers[~np.isfinite(numbers)] = np.nan
    axes = Axes(numbers[:, 0], numbers[:, 1], "x", "y", False)
    lonlat = places(Layer(file, kind, "nodes", table), axes, options, findings, staged)
    findings.close()
    if findings.problems:
        raise BadInputError(findings.problems)
    return _between(file, names, lonlat, edges, staged)


def _schema(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[tuple[float, float]]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(names)
    graph.add_edges_from((a, b) for a, b in edges if a in graph and b in graph)
    if len(names) <= _MAX_SPRING:
        drawn = nx.spring_layout(graph, seed=1, iterations=60)
        return [
            (round(float(drawn[n][0]) * _SCHEMA_DEGREES, 5),
             round(float(drawn[n][1]) * _SCHEMA_DEGREES, 5)) for n in names
        ]  # fmt: skip
    result = []
    for row in range(len(names)):
        radius, angle = _SCHEMA_DEGREES * math.sqrt((row + 1) / len(names)), 2.399963 * row
        result.append((round(radius * math.cos(angle), 5), round(radius * math.sin(angle), 5)))
    return result


def _between(
    file: str, names: Sequence[str], lonlat: np.ndarray, edges: Sequence[tuple[str, str]],
    staged: Staged,
) -> list[tuple[float, float]]:  # fmt: skip
    """Put nodes without a place between their neighbours."""
    at = {n: tuple(p) for n, p in zip(names, lonlat.tolist(), strict=True) if p[0] == p[0]}
    missing = [n for n in names if n not in at]
    if missing:
        neighbours: dict[str, list[str]] = {n: [] for n in names}
        for a, b in edges:
            if a in neighbours and b in neighbours:
                neighbours[a].append(b)
                neighbours[b].append(a)
        middle = tuple(float(c) for c in np.nanmedian(lonlat, axis=0))
        for _ in range(3):
            for name in missing:
                known = [at[n] for n in neighbours[name] if n in at]
                if name not in at and known:
                    at[name] = tuple(float(c) for c in np.mean(known, axis=0))
        staged.find(file, f"{len(missing)} nodes have no coordinates: they are put between their "
                    "neighbours.")  # fmt: skip
        for name in missing:
            at.setdefault(name, middle)
    return [(round(float(at[n][0]), 6), round(float(at[n][1]), 6)) for n in names]


def number(value: object) -> float | None:
    """Return a finite number, None for anything else."""
    try:
        result = float(str(value))
    except ValueError:
        return None
    return result if math.isfinite(result) else None
