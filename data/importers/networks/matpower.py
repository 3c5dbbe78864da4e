"""MATPOWER cases: the matrices of a ``.m`` file, read as numbers and never run."""

from __future__ import annotations

import re
from pathlib import Path

from data.importers.networks.common import Branch, Bus, System, Unit, number, staged_power
from data.importers.options import Options
from models.errors import BadInputError
from models.imports.staged import Staged

KIND = "MATPOWER"
MAX_BYTES = 50_000_000
#: Columns that a matrix has at least, by MATPOWER's manual (version 2 of the case format).
_LEAST = {"bus": 10, "gen": 8, "branch": 11}
_ISOLATED, _SLACK = 4, 3


class Matpower:
    """Case files."""

    def recognises(self, path: Path) -> bool:
        """Tell by the name of the matrices."""
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(262_144)
        return b"mpc.bus" in head or b"function mpc" in head

    def tables(self, path: Path, options: Options) -> Staged:
        """Return the case as staged tables.

        Parameters
        ----------
        path
            The file.
        options
            How to read it.

        Raises
        ------
        BadInputError
            With the line of a matrix that cannot be read.
        """
        if path.stat().st_size > MAX_BYTES:
            raise BadInputError([f"{path.name}: larger than a case may be."])
        text = path.read_text(encoding="utf-8", errors="replace")
        result = {name: _matrix(text, name, path.name) for name in ("bus", "gen", "branch")}
        names = _names(text)
        return staged_power(_system(result, names), path.name, KIND, options)


def _matrix(text: str, name: str, file: str) -> list[list[float]]:
    match = re.search(rf"^\s*mpc\.{name}\s*=\s*\[", text, re.MULTILINE)
    if match is None:
        if name == "bus":
            raise BadInputError([f"{file}: there is no matrix mpc.bus."])
        return []
    end = text.find("]", match.end())
    first = text.count("\n", 0, match.end()) + 1
    if end < 0:
        raise BadInputError([f"{file}, line {first}: mpc.{name} is not closed by ']'. Is it cut?"])
    rows: list[list[float]] = []
    for offset, line in enumerate(text[match.end() : end].split("\n")):
        for part in line.split("%", 1)[0].split(";"):
            cells = part.replace(",", " ").split()
            if not cells:
                continue
            numbers = [number(cell) for cell in cells]
            row = first + offset
            bad = [c for c, n in zip(cells, numbers, strict=True)
                   if n is None and c.lower() not in ("inf", "-inf")]  # fmt: skip
            if bad:
                text_ = f"mpc.{name}: '{bad[0][:40]}' is not a number."
                raise BadInputError([f"{file}, line {row}: {text_}"])
            if len(numbers) < _LEAST[name]:
                text_ = f"mpc.{name} has {len(numbers)} columns; it needs {_LEAST[name]}."
                raise BadInputError([f"{file}, line {row}: {text_}"])
            rows.append([n if n is not None else float("inf") for n in numbers])
    return rows


def _names(text: str) -> list[str]:
    match = re.search(r"^\s*mpc\.bus_name\s*=\s*\{(.*?)\}", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"'([^'\n]*)'", match[1]) if match else []


def _system(result: dict[str, list[list[float]]], names: list[str]) -> System:
    system = System()
    kv: dict[str, float] = {}
    slack: set[str] = set()
    for row, bus in enumerate(result["bus"]):
        name = f"{bus[0]:.0f}"
        if bus[1] == _ISOLATED:
            continue
        if bus[1] == _SLACK:
            slack.add(name)
        kv[name] = bus[9]
        label = names[row].strip() if row < len(names) else ""
        system.buses.append(Bus(name, bus[9] or None, label=label))
        if bus[2] > 0:
            system.loads[name] = bus[2]
    for row, gen in enumerate(result["gen"], 1):
        if gen[7] > 0:
            mw = gen[8] if len(gen) > 8 and gen[8] not in (float("inf"),) else gen[1]
            system.units.append(Unit(str(row), f"{gen[0]:.0f}", max(mw, 0.0)))
    for row, branch in enumerate(result["branch"], 1):
        if branch[10] <= 0:
            continue
        one, other = f"{branch[0]:.0f}", f"{branch[1]:.0f}"
        is_line = branch[8] == 0 and kv.get(one) == kv.get(other)
        mva = branch[5] if 0 < branch[5] < 9_000 else None
        system.branches.append(
            Branch(str(row), one, other, "line" if is_line else "transformer",
                   None if is_line else 0.0, mva, kv.get(one) if is_line else None)
        )  # fmt: skip
    return system
