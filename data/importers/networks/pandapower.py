"""pandapower networks as JSON, by a small reader of their tables, without the package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.importers.networks.common import Branch, Bus, System, Unit, number, staged_power
from data.importers.options import Options
from data.worlds import tables as limits
from models.errors import BadInputError
from models.imports.staged import Staged

KIND = "pandapower"
Rows = dict[str, dict[str, Any]]


class Pandapower:
    """Files written by ``pandapower.to_json``."""

    def recognises(self, path: Path) -> bool:
        """Tell by what the JSON begins with."""
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(65_536).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not head.startswith(b"{"):
            return False
        return b"pandapower" in head or (b'"bus"' in head and b'"line"' in head)

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
            If it is no network of pandapower.
        """
        if path.stat().st_size > limits.MAX_TABLE_BYTES:
            raise BadInputError([f"{path.name}: larger than a network may be."])
        try:
            plain = json.loads(path.read_text(encoding="utf-8-sig"))
            net = plain.get("_object", plain)
            if isinstance(net, str):
                net = json.loads(net)
            system = _system(net, path.name)
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
            text = f"not a readable network of pandapower ({error})."
            raise BadInputError([f"{path.name}: {text}"]) from error
        return staged_power(system, path.name, KIND, options)


def _rows(net: Mapping[str, Any], name: str) -> Rows:
    """Return the rows of a table by index."""
    table = net.get(name)
    if isinstance(table, dict) and "_object" in table:
        table = table["_object"]
    if isinstance(table, str):
        table = json.loads(table)
    if not isinstance(table, dict):
        return {}
    if {"columns", "index", "data"} <= table.keys():
        return {
            str(i): dict(zip(table["columns"], row, strict=True))
            for i, row in zip(table["index"], table["data"], strict=True)
        }
    # the other orientation: column → index → value
    result: Rows = {}
    for column, cells in table.items():
        if isinstance(cells, dict):
            for index, cell in cells.items():
                result.setdefault(str(index), {})[column] = cell
    return result


def _system(net: Mapping[str, Any], file: str) -> System:
    system = System()
    places = _places(net)
    buses = {i: row for i, row in _rows(net, "bus").items() if _in_service(row)}
    for index, row in buses.items():
        spot = places.get(index, (float("nan"), float("nan")))
        label = str(row.get("name") or "")
        system.buses.append(Bus(index, number(row.get("vn_kv")), *spot, label))
    open_ = {
        str(row.get("element")) for row in _rows(net, "switch").values()
        if row.get("et") == "l" and row.get("closed") is False
    }  # fmt: skip
    _branches(net, system, buses, open_)
    for row in _rows(net, "load").values():
        if _in_service(row):
            mw = (number(row.get("p_mw")) or 0.0) * (number(row.get("scaling")) or 1.0)
            bus = str(row.get("bus"))
            system.loads[bus] = system.loads.get(bus, 0.0) + mw
    for table, kind in (("ext_grid", "grid"), ("gen", "generator"), ("sgen", "generator"),
                        ("storage", "storage")):  # fmt: skip
        for index, row in _rows(net, table).items():
            if _in_service(row):
                output = None if kind == "grid" else abs(number(row.get("p_mw")) or 0.0)
                label = str(row.get("name") or "")
                if kind == "grid":
                    label = label or "Grid outside"
                name = f"{table}-{index}"
                source = str(row.get("type") or "") if table == "sgen" else ""
                system.units.append(Unit(name, str(row.get("bus")), output, source, kind, label))
    return system


def _branches(net: Mapping[str, Any], system: System, buses: Rows, open_: set[str]) -> None:
    for index, row in _rows(net, "line").items():
        if not _in_service(row) or index in open_:
            continue
        one, other = str(row.get("from_bus")), str(row.get("to_bus"))
        km = number(row.get("length_km"))
        kv = number(buses.get(one, {}).get("vn_kv"))
        ka = number(row.get("max_i_ka"))
        mva = round(3**0.5 * kv * ka * (number(row.get("parallel")) or 1), 3) if kv and ka else None
        label = str(row.get("name") or "")
        length = None if km is None else km * 1000
        system.branches.append(Branch(index, one, other, "line", length, mva, kv, label))
    for table, ends in (("trafo", ("hv_bus", "lv_bus")), ("trafo3w", ("hv_bus", "mv_bus")),
                        ("trafo3w", ("hv_bus", "lv_bus")), ("impedance", ("from_bus", "to_bus")),
                        ("dcline", ("from_bus", "to_bus"))):  # fmt: skip
        for index, row in _rows(net, table).items():
            if _in_service(row):
                system.branches.append(
                    Branch(
                        f"{index}-{ends[1]}" if table == "trafo3w" else index,
                        str(row.get(ends[0])), str(row.get(ends[1])), table, 0.0,
                        number(row.get("sn_mva")), None, str(row.get("name") or ""),
                    )
                )  # fmt: skip
    for index, row in _rows(net, "switch").items():
        if row.get("et") == "b" and row.get("closed") is not False:
            ends = str(row.get("bus")), str(row.get("element"))
            system.branches.append(Branch(index, *ends, "switch", 0.0))


def _in_service(row: Mapping[str, Any]) -> bool:
    return row.get("in_service") not in (False, 0, "False", "false")


def _places(net: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return x and y of the buses: from ``bus_geodata``, or GeoJSON in ``bus.geo``."""
    result: dict[str, tuple[float, float]] = {}
    for index, row in _rows(net, "bus_geodata").items():
        x, y = number(row.get("x")), number(row.get("y"))
        if x is not None and y is not None:
            result[index] = (x, y)
    for index, row in _rows(net, "bus").items():
        geo = row.get("geo")
        if isinstance(geo, str) and geo:
            geo = json.loads(geo)
        spot = geo.get("coordinates") if isinstance(geo, dict) else None
        if isinstance(spot, list) and len(spot) >= 2 and index not in result:
            px, py = number(spot[0]), number(spot[1])
            if px is not None and py is not None:
                result[index] = (px, py)
    return result
