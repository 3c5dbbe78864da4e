"""PyPSA networks: a folder of CSV files, the same in a ZIP file, or NetCDF."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.importers import archives
from data.importers.networks.common import Branch, Bus, System, Unit, number, staged_power
from data.importers.options import Options
from data.importers.tables.files import requoted
from data.worlds import tables as limits
from data.worlds.csv_text import read_csv
from data.worlds.tables import Findings
from models.errors import BadInputError
from models.imports.staged import Staged

KIND = "PyPSA"
COMPONENTS = ("buses", "lines", "transformers", "links", "converters", "generators", "loads",
              "storage_units", "stores")  # fmt: skip
Rows = list[dict[str, str]]


class PypsaFolder:
    """A folder, or a ZIP file, with ``buses.csv`` and what joins or feeds buses."""

    def recognises(self, path: Path) -> bool:
        """Tell by the names of the files."""
        if path.is_dir():
            return (path / "buses.csv").is_file()
        names = {n.rsplit("/", 1)[-1] for n in archives.names(path)} if path.is_file() else set()
        return "buses.csv" in names and bool(names & {"lines.csv", "generators.csv", "links.csv"})

    def tables(self, path: Path, options: Options) -> Staged:
        """Return the network as staged tables.

        Parameters
        ----------
        path
            The folder or ZIP file.
        options
            How to read it.
        """
        if path.is_dir():
            return self._folder(path, path.name, options)
        with tempfile.TemporaryDirectory(prefix="knock-on-") as scratch:
            folder = archives.unpack(path, Path(scratch), (".csv",))
            return self._folder(folder, path.name, options)

    def _folder(self, folder: Path, name: str, options: Options) -> Staged:
        with tempfile.TemporaryDirectory(prefix="knock-on-") as scratch:
            result = self._rows(folder, name, Path(scratch))
        return staged_power(system_of(result, name), name, KIND, options)

    def _rows(self, folder: Path, name: str, scratch: Path) -> dict[str, Rows]:
        result: dict[str, Rows] = {}
        findings = Findings()
        for component in (*COMPONENTS, "loads-p_set"):
            file = folder / f"{component}.csv"
            if file.is_symlink():
                raise BadInputError([f"{name}/{file.name}: a symbolic link is refused."])
            if not file.is_file():
                continue
            table = read_csv(requoted(file, scratch), findings, limits.MAX_TABLE_BYTES)
            if table is not None:
                names = list(table.cells)
                result[component] = [
                    dict(zip(names, row, strict=True))
                    for row in zip(*table.cells.values(), strict=True)
                ]
        if findings.problems:
            findings.close()
            raise BadInputError([f"{name}/{text}" for text in findings.problems])
        return result


class PypsaNetcdf:
    """NetCDF files that PyPSA wrote."""

    def recognises(self, path: Path) -> bool:
        """Tell by the first bytes and the names of its variables."""
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(8)
        if not head.startswith((b"CDF", b"\x89HDF\r\n\x1a\n")):
            return False
        import netCDF4

        try:
            with netCDF4.Dataset(path) as data:
                return "buses_i" in data.dimensions or "buses_i" in data.variables
        except OSError:
            return False

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
            With a line for each problem.
        """
        import netCDF4

        result: dict[str, Rows] = {}
        try:
            with netCDF4.Dataset(path) as data:
                for component in COMPONENTS:
                    if f"{component}_i" in data.variables:
                        result[component] = _netcdf_rows(data, component)
        except (OSError, RuntimeError, ValueError) as error:
            raise BadInputError([f"{path.name}: not a readable NetCDF file ({error})."]) from error
        return staged_power(system_of(result, path.name), path.name, KIND, options)


def _netcdf_rows(data: Any, component: str) -> Rows:
    """Return the static rows of a component."""
    dimension = f"{component}_i"
    columns: dict[str, Sequence[Any]] = {}
    for name, variable in data.variables.items():
        if variable.dimensions == (dimension,) and name.startswith(component + "_"):
            key = "name" if name == dimension else name.removeprefix(component + "_")
            columns[key] = [str(v) for v in variable[:].tolist()]
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def system_of(result: Mapping[str, Rows], file: str) -> System:
    """Return the power system of PyPSA's tables, or of extracts that go by other ids.

    Parameters
    ----------
    result
        Rows by name of the table.
    file
        For messages.

    Raises
    ------
    BadInputError
        If there are no buses.
    """
    if not result.get("buses"):
        raise BadInputError([f"{file}: buses.csv has no row."])
    system = System()
    for row in result["buses"]:
        kv = number(row.get("v_nom") or _first(row.get("voltage", "")))
        system.buses.append(
            Bus(
                _id(row, "bus"), _in_kv(kv), _nan(row.get("x")), _nan(row.get("y")),
                row.get("osm_name") or row.get("tags_name") or "",
            )
        )  # fmt: skip
    for component, kind in (("lines", "line"), ("transformers", "transformer"),
                            ("links", "link"), ("converters", "converter")):  # fmt: skip
        for row in result.get(component, []):
            if row.get("under_construction", "").lower() in ("t", "true", "1"):
                continue
            system.branches.append(_branch(row, kind))
    for component, kind in (("generators", "generator"), ("storage_units", "storage"),
                            ("stores", "storage")):  # fmt: skip
        for row in result.get(component, []):
            mw = number(row.get("p_nom") or row.get("capacity") or row.get("e_nom"))
            source = row.get("carrier") or row.get("technology") or ""
            system.units.append(
                Unit(_id(row, "generator"), row.get("bus") or row.get("bus_id", ""),
                     None if mw is None or mw < 0 else mw, source, kind)
            )  # fmt: skip
    peaks = _peaks(result.get("loads-p_set", []))
    for row in result.get("loads", []):
        mw = number(row.get("p_set"))
        name = _id(row, "load")
        mw = mw if mw else peaks.get(name)
        bus = row.get("bus", "")
        if mw:
            system.loads[bus] = system.loads.get(bus, 0.0) + mw
    return system


def _branch(row: Mapping[str, str], kind: str) -> Branch:
    km = number(row.get("length"))
    # PyPSA has kilometres; extracts of the grid map have metres in a column of the same name
    in_metres = "line_id" in row or "link_id" in row
    length = None if km is None else km * (1.0 if in_metres else 1000.0)
    mva = number(row.get("s_nom") or row.get("p_nom"))
    return Branch(
        _id(row, kind), row.get("bus0", ""), row.get("bus1", ""), kind,
        length if kind in ("line", "link") else 0.0,
        mva if mva and mva > 0 else None,
        _in_kv(number(row.get("v_nom") or _first(row.get("voltage", "")))),
        row.get("osm_name", ""),
    )  # fmt: skip


def _id(row: Mapping[str, str], kind: str) -> str:
    for key in ("name", f"{kind}_id", "id", ""):
        if row.get(key):
            return row[key]
    return next(iter(row.values()), "")


def _first(text: str) -> str:
    return text.split(";", 1)[0]


def _in_kv(value: float | None) -> float | None:
    """Return kV: volts are recognised by their size."""
    if value is None or value <= 0:
        return None
    return value / 1000 if value > 2000 else value


def _nan(text: str | None) -> float:
    result = number(text) if text else None
    return float("nan") if result is None else result


def _peaks(rows: Rows) -> dict[str, float]:
    """Return the highest load of each series."""
    result: dict[str, float] = {}
    for row in rows:
        for name, text in row.items():
            mw = number(text)
            if mw is not None:
                result[name] = max(result.get(name, 0.0), mw)
    return result
