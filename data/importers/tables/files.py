"""Tables as text and GeoJSON, told by content; what readers of tables share."""

from __future__ import annotations

import csv
import gzip
import re
import tempfile
from dataclasses import replace
from pathlib import Path

from data.importers import archives
from data.importers.options import Options
from data.importers.tables.layers import Layer
from data.importers.tables.staging import MAX_COLUMNS, stage
from data.worlds import tables as limits
from data.worlds.csv_text import SEPARATORS, read_csv
from data.worlds.spatial import read_geojson
from data.worlds.tables import Findings, Table
from models.errors import BadInputError
from models.imports.staged import Staged

_SAMPLE = 65_536


def head_of(path: Path, size: int = _SAMPLE) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


def checked(findings: Findings) -> None:
    """Raise what is wrong.

    Raises
    ------
    BadInputError
        If there is any problem.
    """
    if findings.problems:
        findings.close()
        raise BadInputError(findings.problems)


def require_size(path: Path) -> None:
    """Refuse a file that is larger than a table may be.

    Raises
    ------
    BadInputError
        If it is.
    """
    if path.stat().st_size > limits.MAX_TABLE_BYTES:
        size = limits.MAX_TABLE_BYTES // 1_000_000
        raise BadInputError([f"{path.name}: larger than {size} MB. Split it."])


class Csv:
    """Tables as text, also packed by gzip."""

    def recognises(self, path: Path) -> bool:
        """Tell whether the file is text with a header of several columns."""
        if not path.is_file():
            return False
        head = head_of(path)
        if head.startswith(b"\x1f\x8b"):
            try:
                with gzip.open(path, "rb") as file:
                    head = file.read(_SAMPLE)
            except (OSError, EOFError):
                return False
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            head = head.decode("utf-16", "ignore").encode()
        if b"\x00" in head or not head.strip():
            return False
        line = head.split(b"\n", 1)[0]
        is_csv = path.name.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".txt"))
        return is_csv or (any(s.encode() in line for s in SEPARATORS) and line[:1] not in b"{[<%")

    def tables(self, path: Path, options: Options) -> Staged:
        """Return what the table holds.

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
        require_size(path)
        findings, note = Findings(), ""
        with tempfile.TemporaryDirectory(prefix="knock-on-") as scratch:
            plain = _unpacked(path, Path(scratch))
            plain, note = _in_unicode(plain, Path(scratch))
            plain = requoted(plain, Path(scratch))
            _require_columns(plain, path.name)
            table = read_csv(plain, findings, limits.MAX_TABLE_BYTES)
        table = _with_rows(table, path.name, findings)
        stem = path.name.split(".")[0]
        staged = stage([Layer(path.name, "CSV", stem, _placed(table, path.name))], options)
        for text in [*findings.warnings, *([note] if note else [])]:
            staged.find(path.name, text.removeprefix(f"{path.name}: "))
        return staged


def _placed(table: Table, place: str) -> Table:
    return replace(table, place=place)


def _with_rows(table: Table | None, name: str, findings: Findings) -> Table:
    checked(findings)
    if table is None or not table.numbers:
        raise BadInputError([f"{name}: there is no row below the header."])
    return table


def _unpacked(path: Path, scratch: Path) -> Path:
    if not head_of(path, 2).startswith(b"\x1f\x8b"):
        return path
    target = scratch / (path.name.removesuffix(".gz") or "table.csv")
    try:
        with gzip.open(path, "rb") as source:
            archives.copy_bounded(source, target, limits.MAX_TABLE_BYTES, path.name)
    except (OSError, EOFError) as error:
        raise BadInputError([f"{path.name}: not a readable gzip file ({error})."]) from error
    return target


def _in_unicode(path: Path, scratch: Path) -> tuple[Path, str]:
    """Return the file in UTF-8: what is in no Unicode is taken for Windows-1252."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return path, ""
    try:
        content.decode("utf-8")
        return path, ""
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
    if b"\x00" in content:
        return path, ""
    target = scratch / "unicode" / path.name
    target.parent.mkdir()
    target.write_text(content.decode("cp1252", "replace"), encoding="utf-8")
    return target, f"not in UTF-8 (first in row {row}); read as Windows-1252. Check the umlauts."


#: A cell within apostrophes that holds what separates cells.
_APOSTROPHES = re.compile(rb"([,;])'[^'\n]*[,;][^'\n]*'(?:[,;\r\n]|$)")


def requoted(path: Path, scratch: Path) -> Path:
    """Return a table whose texts are quoted by apostrophes as one with quotation marks.

    Parameters
    ----------
    path
        The table in UTF-8.
    scratch
        A folder to write to.
    """
    with path.open("rb") as file:
        lines = [file.readline(100_000) for _ in range(21)][1:]
    result = next((m for line in lines if (m := _APOSTROPHES.search(line))), None)
    if result is None:
        return path
    separator = result[1].decode()
    target = scratch / "requoted" / path.name
    target.parent.mkdir(exist_ok=True)
    with (
        path.open(encoding="utf-8-sig", errors="replace", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        reader = csv.reader(source, delimiter=separator, quotechar="'")
        csv.writer(file, delimiter=separator, lineterminator="\n").writerows(reader)
    return target


def _require_columns(path: Path, name: str) -> None:
    """Refuse more columns than anybody fills, before a list is made for each."""
    with path.open("rb") as file:
        line = file.readline(4_000_000)
    columns = 1 + max(line.count(s.encode()) for s in SEPARATORS)
    if columns > MAX_COLUMNS:
        raise BadInputError([
            f"{name}, row 1: about {columns:,} columns; up to {MAX_COLUMNS:,} are read. "
            "Keep the columns that say something about the assets."
        ])  # fmt: skip


class GeoJson:
    """GeoJSON feature collections."""

    def recognises(self, path: Path) -> bool:
        """Tell whether the file is JSON with features."""
        if not path.is_file():
            return False
        head = head_of(path).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not head.startswith(b"{"):
            return False
        is_ours = b'"FeatureCollection"' in head or b'"Feature"' in head or b'"features"' in head
        return is_ours and b"pandapower" not in head

    def tables(self, path: Path, options: Options) -> Staged:
        """Return what the features are.

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
        require_size(path)
        findings = Findings()
        table = read_geojson(path, findings, limits.MAX_TABLE_BYTES)
        checked(findings)
        if table is None or not table.numbers:
            raise BadInputError([f"{path.name}: there is no feature in it."])
        layer = Layer(path.name, "GeoJSON", path.name.split(".")[0], table)
        return stage([layer], options)
