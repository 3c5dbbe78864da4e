"""EPANET networks (``.inp``): pipes, pumps, tanks and demands, by a reader of its sections."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from data.importers.networks.common import node_places, number
from data.importers.options import Options
from models.errors import BadInputError
from models.imports.staged import LayerReport, Staged
from models.world import JUNCTION, Asset, Flow, Link

KIND = "EPANET"
MAX_BYTES = 100_000_000
SERVICE = "drinking_water"
#: Units of flow → m3/d (EPANET 2.2 manual, section [OPTIONS]).
FLOW_UNITS = {
    "CFS": 2446.5755, "GPM": 5.4509930, "MGD": 3785.4118, "IMGD": 4546.09, "AFD": 1233.4818,
    "LPS": 86.4, "LPM": 1.44, "MLD": 1000.0, "CMH": 24.0, "CMD": 1.0, "CMS": 86400.0,
}  # fmt: skip
_IN_FEET = ("CFS", "GPM", "MGD", "IMGD", "AFD")
_FOOT_M = 0.3048
Row = tuple[int, list[str]]


class Epanet:
    """Input files."""

    def recognises(self, path: Path) -> bool:
        """Tell by the names of the sections."""
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(262_144).upper()
        return b"[JUNCTIONS]" in head or (b"[TITLE]" in head and b"[PIPES]" in head)

    def tables(self, path: Path, options: Options) -> Staged:
        """Return the network as staged tables.

        Parameters
        ----------
        path
            The file.
        options
            How to read it.

        Raises
        ------
        BadInputError
            With the line of a section that cannot be read.
        """
        if path.stat().st_size > MAX_BYTES:
            raise BadInputError([f"{path.name}: larger than a network may be."])
        sections = _sections(path.read_text(encoding="utf-8", errors="replace"))
        return _Reader(path.name, sections).read(options)


def _sections(text: str) -> dict[str, list[Row]]:
    result: dict[str, list[Row]] = defaultdict(list)
    name = ""
    for number_, line in enumerate(text.splitlines(), 1):
        plain = line.split(";", 1)[0].strip()
        if plain.startswith("["):
            name = plain.strip("[]").upper()
            if name == "END":
                break
        elif plain and name:
            result[name].append((number_, plain.split()))
    return result


class _Reader:
    def __init__(self, file: str, sections: dict[str, list[Row]]) -> None:
        self.file, self.sections = file, sections
        self.staged = Staged()
        self.problems: list[str] = []
        options = {r[0].upper(): r[1] for _, r in sections.get("OPTIONS", []) if len(r) > 1}
        unit = options.get("UNITS", "GPM").upper()
        if unit not in FLOW_UNITS:
            raise BadInputError([f"{file}: [OPTIONS] Units '{unit}' is not known."])
        self.flow, self.metre = FLOW_UNITS[unit], _FOOT_M if unit in _IN_FEET else 1.0
        self.demand = self._demands()

    def _number(self, row: Row, at: int, section: str) -> float | None:
        number_, cells = row
        if len(cells) <= at:
            return None
        result = number(cells[at])
        if result is None:
            text = f"[{section}]: '{cells[at][:40]}' is not a number."
            self.problems.append(f"{self.file}, line {number_}: {text}")
        return result

    def _demands(self) -> dict[str, float]:
        """Return the base demand of each junction; rows of [DEMANDS] replace that of its own."""
        result: dict[str, float] = {}
        for row in self.sections.get("JUNCTIONS", []):
            result[row[1][0]] = self._number(row, 2, "JUNCTIONS") or 0.0
        further: dict[str, float] = defaultdict(float)
        for row in self.sections.get("DEMANDS", []):
            further[row[1][0]] += self._number(row, 1, "DEMANDS") or 0.0
        return {**result, **further}

    def read(self, options: Options) -> Staged:
        names, edges = self._nodes(), self._edges()
        known = set(names)
        spots: dict[str, tuple[float, float]] = {}
        for row in self.sections.get("COORDINATES", []):
            x, y = self._number(row, 1, "COORDINATES"), self._number(row, 2, "COORDINATES")
            if x is not None and y is not None:
                spots[row[1][0]] = (x, y)
        if self.problems:
            raise BadInputError(self.problems[:20])
        nan = float("nan")
        xy = [spots.get(n, (nan, nan)) for n in names]
        lonlat = node_places(
            self.file, KIND, names, xy, [(a, b) for _, _, a, b, _ in edges], options, self.staged
        )
        at = dict(zip(names, lonlat, strict=True))
        for name in names:
            self._node(name, at[name])
        report = LayerReport(self.file, KIND, "pipes, pumps, valves", len(edges))
        for kind, name, one, other, row in edges:
            if one not in known or other not in known:
                report.left_out["an end is no node"] += 1
            elif self._is_closed(name, row, kind):
                report.left_out["closed"] += 1
            else:
                self._edge(kind, name, (one, other), row, at)
                report.read += 1
        self.staged.layers += [
            LayerReport(self.file, KIND, "nodes", len(names), len(names)),
            report,
        ]
        if self.problems:
            raise BadInputError(self.problems[:20])
        return self.staged

    def _nodes(self) -> list[str]:
        result: dict[str, int] = {}
        for section in ("JUNCTIONS", "RESERVOIRS", "TANKS"):
            for number_, cells in self.sections.get(section, []):
                if cells[0] in result:
                    text = f"node '{cells[0]}' is there twice (first in line {result[cells[0]]})."
                    self.problems.append(f"{self.file}, line {number_}: {text}")
                result.setdefault(cells[0], number_)
        if not result:
            raise BadInputError([f"{self.file}: there is no node in it."])
        return list(result)

    def _edges(self) -> list[tuple[str, str, str, str, Row]]:
        result = []
        for section, kind in (("PIPES", "pipe"), ("PUMPS", "pump"), ("VALVES", "valve")):
            for row in self.sections.get(section, []):
                if len(row[1]) < 3:
                    text = f"[{section}] names two nodes behind its id."
                    self.problems.append(f"{self.file}, line {row[0]}: {text}")
                else:
                    result.append((kind, row[1][0], row[1][1], row[1][2], row))
        return result

    def _is_closed(self, name: str, row: Row, kind: str) -> bool:
        stated = {r[0]: r[1].upper() for _, r in self.sections.get("STATUS", []) if len(r) > 1}
        own = row[1][7].upper() if kind == "pipe" and len(row[1]) > 7 else ""
        return stated.get(name, own) == "CLOSED"

    def _node(self, name: str, place: tuple[float, float]) -> None:
        reservoirs = {r[0] for _, r in self.sections.get("RESERVOIRS", [])}
        tanks = {r[0] for _, r in self.sections.get("TANKS", [])}
        demand = self.demand.get(name, 0.0) * self.flow
        kind, label = JUNCTION, ""
        sources: tuple[str, ...] = ()
        if name in reservoirs:
            kind, label, sources = "water_supply", f"Source {name}", (SERVICE,)
        elif name in tanks:
            kind, label = "water_reservoir", f"Tank {name}"
        elif demand > 0:
            kind, label = "population_zone", f"Demand {name}"
        self.staged.assets[f"node/{name}"] = Asset(
            f"node/{name}", label, kind, "water", place[0], place[1], source_of=sources,
            provides=(SERVICE,) if kind != JUNCTION else (), confidence="A", source=self.file,
        )  # fmt: skip
        if demand > 0:
            self.staged.flows.append(
                Flow(f"node/{name}", SERVICE, demand=round(demand, 4), unit="m3/d")
            )

    def _edge(
        self, kind: str, name: str, ends: tuple[str, str], row: Row,
        at: dict[str, tuple[float, float]],
    ) -> None:  # fmt: skip
        one, other = (f"node/{end}" for end in ends)
        if kind == "pump":
            pump = f"pump/{name}"
            lon, lat = ((a + b) / 2 for a, b in zip(at[ends[0]], at[ends[1]], strict=True))
            self.staged.assets[pump] = Asset(
                pump, f"Pump {name}", "water_pumping_station", "water", round(lon, 6),
                round(lat, 6), provides=(SERVICE,), confidence="A", source=self.file,
            )  # fmt: skip
            for part, pair in (("in", (one, pump)), ("out", (pump, other))):
                self.staged.links.append(
                    Link(f"{pump}/{part}", *pair, SERVICE, directed=True, length_m=0.0,
                         name=f"Pump {name}", confidence="A", source=self.file)
                )  # fmt: skip
            return
        length = self._number(row, 3, "PIPES") if kind == "pipe" else 0.0
        check = kind == "pipe" and len(row[1]) > 7 and row[1][7].upper() == "CV"
        self.staged.links.append(
            Link(
                f"{kind}/{name}", one, other, SERVICE, directed=check,
                length_m=None if length is None else round(length * self.metre, 2),
                name=f"{kind.capitalize()} {name}", confidence="A", source=self.file,
            )
        )  # fmt: skip
