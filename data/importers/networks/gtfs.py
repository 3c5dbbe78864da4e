"""GTFS feeds: stops, the routes between them, and departures per day as their load."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np

from data.importers import archives
from data.importers.networks.common import number
from data.importers.options import Options
from models.errors import BadInputError
from models.imports.staged import LayerReport, Staged
from models.world import Asset, Flow, Link

KIND = "GTFS"
SERVICE = "public_transport"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: route_type → type of asset of its stops; the first that a stop has counts
TYPES = {2: "rail_station", 1: "metro_station", 0: "metro_station", 4: "ferry_terminal",
         12: "metro_station"}  # fmt: skip
_BUS = "bus_station"
_NEEDED = ("stops.txt", "trips.txt", "stop_times.txt", "routes.txt")


class Gtfs:
    """A feed as a ZIP file or a folder."""

    def recognises(self, path: Path) -> bool:
        """Tell by the names of the files."""
        if path.is_dir():
            return (path / "stops.txt").is_file()
        names = {n.rsplit("/", 1)[-1] for n in archives.names(path)} if path.is_file() else set()
        return "stops.txt" in names

    def tables(self, path: Path, options: Options) -> Staged:
        """Return the feed as staged tables.

        Parameters
        ----------
        path
            The ZIP file or folder.
        options
            How to read it.

        Raises
        ------
        BadInputError
            If a file is missing, or a cell cannot be read.
        """
        if path.is_file():
            archives.require_bounded(path)
        return _Feed(path).staged()


class _Feed:
    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self.result = Staged()

    def rows(self, file: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the rows of a file with their numbers; none where it is absent."""
        if self.path.is_dir():
            source = self.path / file
            if source.is_symlink():
                raise BadInputError([f"{self.name}/{file}: a symbolic link is refused."])
            if source.is_file():
                with source.open(encoding="utf-8-sig", errors="replace", newline="") as text:
                    yield from self._parsed(text, file)
            return
        try:
            with zipfile.ZipFile(self.path) as packed:
                inner = [n for n in packed.namelist() if n.rsplit("/", 1)[-1] == file]
                if inner:
                    with packed.open(inner[0]) as raw:
                        text = io.TextIOWrapper(raw, "utf-8-sig", errors="replace", newline="")
                        yield from self._parsed(text, file)
        except archives.BROKEN as error:
            raise BadInputError([f"{self.name}: not a readable ZIP file ({error})."]) from error

    def _parsed(self, text: io.TextIOBase, file: str) -> Iterator[tuple[int, dict[str, str]]]:
        try:
            for row in csv.DictReader(text):
                number_ = 0 if row is None else 1
                self.count += number_
                yield self.count, {
                    (k or "").strip(): (v or "").strip() for k, v in row.items()
                    if isinstance(v, str | None)
                }  # fmt: skip
        except csv.Error as error:
            raise BadInputError([f"{self.name}/{file}: not a table ({error})."]) from error

    count = 1

    def table(self, file: str) -> list[tuple[int, dict[str, str]]]:
        self.count = 1
        return list(self.rows(file))

    def staged(self) -> Staged:
        stops = self.table("stops.txt")
        if not stops:
            raise BadInputError([f"{self.name}/stops.txt: there is no stop in it."])
        kinds = {
            r.get("route_id", ""): int(number(r.get("route_type", "")) or 3)
            for _, r in self.table("routes.txt")
        }
        route_of = {}
        service_of = {}
        for _, row in self.table("trips.txt"):
            route_of[row.get("trip_id", "")] = row.get("route_id", "")
            service_of[row.get("trip_id", "")] = row.get("service_id", "")
        runs = self._runs(service_of)
        calls = self._calls()
        self._stops(stops, calls, route_of, kinds, runs)
        self._links(calls, runs)
        self._sources()
        return self.result

    def _runs(self, service_of: dict[str, str]) -> dict[str, float]:
        """Return how often each trip runs on the busiest day of the week."""
        days: dict[str, set[str]] = {}
        for _, row in self.table("calendar.txt"):
            days[row.get("service_id", "")] = {d for d in DAYS if row.get(d) == "1"}
        count = Counter(d for s in service_of.values() for d in days.get(s, ()))
        busiest = max(DAYS, key=lambda d: (count[d], -DAYS.index(d)))
        often: dict[str, float] = defaultdict(float)
        for _, row in self.table("frequencies.txt"):
            start, end = (_seconds(row.get(k, "")) for k in ("start_time", "end_time"))
            headway = number(row.get("headway_secs", ""))
            if start is not None and end is not None and headway:
                often[row.get("trip_id", "")] += max(0.0, (end - start) / headway)
        collected = {}
        for trip, service in service_of.items():
            # feeds that list dates alone: each service is taken to run once on its day
            if not days or busiest in days.get(service, ()):
                collected[trip] = often.get(trip, 1.0)
        return collected

    def _calls(self) -> dict[str, list[str]]:
        """Return the stops of each trip in order."""
        collected: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.count = 1
        for number_, row in self.rows("stop_times.txt"):
            order = number(row.get("stop_sequence", ""))
            if order is None:
                text = f"'{row.get('stop_sequence', '')[:40]}' is not a number."
                place = f"{self.name}/stop_times.txt, row {number_}, column stop_sequence"
                raise BadInputError([f"{place}: {text}"])
            collected[row.get("trip_id", "")].append((int(order), row.get("stop_id", "")))
        return {trip: [stop for _, stop in sorted(calls)] for trip, calls in collected.items()}

    def _stops(
        self,
        stops: list[tuple[int, dict[str, str]]],
        calls: dict[str, list[str]],
        route_of: dict[str, str],
        kinds: dict[str, int],
        runs: dict[str, float],
    ) -> None:
        departures: Counter[str] = Counter()
        types: dict[str, set[int]] = defaultdict(set)
        for trip, listed in calls.items():
            for stop in listed:
                types[stop].add(kinds.get(route_of.get(trip, ""), 3))
            for stop in listed[:-1]:
                departures[stop] += runs.get(trip, 0.0)  # type: ignore[assignment]
        report = LayerReport(self.name, KIND, "stops", len(stops))
        problems: list[str] = []
        for number_, row in stops:
            kind = next((TYPES[t] for t in (2, 1, 0, 12, 4) if t in types[_stop(row)]), _BUS)
            said = self._stop(row, kind, departures, report)
            if said:
                problems.append(f"{self.name}/stops.txt, row {number_}, column {said}")
        if problems:
            raise BadInputError(problems[:20])
        self.result.layers.append(report)

    def _stop(
        self, row: dict[str, str], kind: str, departures: Counter[str], report: LayerReport
    ) -> str:
        """Add a stop; return what is wrong with its row, if anything."""
        lon, lat = (number(row.get(k, "")) for k in ("stop_lon", "stop_lat"))
        stop_id = _stop(row)
        if lon is None or lat is None:
            if row.get("stop_lon") or row.get("stop_lat"):
                return "stop_lon: no place on earth."
            report.left_out["no coordinates"] += 1
            return ""
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            return f"stop_lon: {lon:g}, {lat:g} is nowhere on earth."
        if row.get("location_type") in ("2", "3", "4"):
            report.left_out["an entrance or a part of a station"] += 1
            return ""
        asset_id = f"stop/{stop_id}"
        if not stop_id or asset_id in self.result.assets:
            return f"stop_id: '{stop_id[:60]}' is empty or there twice."
        self.result.assets[asset_id] = Asset(
            asset_id, row.get("stop_name", ""), kind, "transport", round(lon, 6), round(lat, 6),
            provides=(SERVICE,), confidence="A", source=self.name,
        )  # fmt: skip
        if departures[stop_id]:
            count = float(round(departures[stop_id]))
            self.result.flows.append(Flow(asset_id, SERVICE, demand=count, unit="departures/d"))
        report.read += 1
        return ""

    def _links(self, calls: dict[str, list[str]], runs: dict[str, float]) -> None:
        report = LayerReport(self.name, KIND, "trips", len(calls))
        carried: Counter[tuple[str, str]] = Counter()
        for trip, listed in calls.items():
            report.read += trip in runs
            for one, other in pairwise(listed):
                pair = f"stop/{one}", f"stop/{other}"
                if pair[0] in self.result.assets and pair[1] in self.result.assets and one != other:
                    carried[min(pair), max(pair)] += runs.get(trip, 0.0)  # type: ignore[assignment]
        report.left_out["does not run on the busiest day of the week"] = report.rows - report.read
        self.result.layers.append(report)
        ends = {end for pair in carried for end in pair}
        lonlat = {a: (x.lon, x.lat) for a, x in self.result.assets.items() if a in ends}
        for (one, other), trips in sorted(carried.items()):
            metres = _metres(lonlat[one], lonlat[other])
            self.result.links.append(
                Link(
                    f"route/{one.removeprefix('stop/')}-{other.removeprefix('stop/')}", one, other,
                    SERVICE, capacity=float(round(trips)), length_m=round(metres, 1),
                    name="Route", confidence="A", source=self.name,
                )
            )  # fmt: skip

    def _sources(self) -> None:
        """Let each part of the network run from its busiest stop: nobody states the depots."""
        load = {f.asset_id: f.demand or 0.0 for f in self.result.flows}
        graph: nx.Graph[str] = nx.Graph((x.from_id, x.to_id) for x in self.result.links)
        for part in nx.connected_components(graph):
            top = min(part, key=lambda a: (-load.get(a, 0.0), a))
            asset = self.result.assets[top]
            note = "taken as where the network runs from: its busiest stop (assumption)"
            self.result.assets[top] = replace(asset, source_of=(SERVICE,), note=note)


def _stop(row: dict[str, str]) -> str:
    return row.get("stop_id", "")


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    lon1, lat1, lon2, lat2 = np.radians([*one, *other])
    a = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    return float(2 * 6_371_000 * np.arcsin(np.sqrt(a)))


def _seconds(text: str) -> float | None:
    parts = text.split(":")
    if len(parts) != 3 or not all(p.strip().isdecimal() for p in parts):
        return None
    hours, minutes, seconds = (int(p) for p in parts)
    return hours * 3600.0 + minutes * 60 + seconds
