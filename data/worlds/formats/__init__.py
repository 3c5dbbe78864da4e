"""Formats of worlds, one module each.

A format only reads tables as text: columns, checks and messages are the same for all formats.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from data.worlds.formats.folder import Folder
from data.worlds.formats.geojson import WholeGeoJson
from data.worlds.formats.geopackage import GeoPackage
from data.worlds.formats.zipped import Zipped
from data.worlds.tables import Findings, Table, Values


class Format(Protocol):
    """A format of worlds."""

    def recognises(self, path: Path) -> bool:
        """Return whether a world is in this format, without reading all of it."""

    def tables(
        self, path: Path, findings: Findings
    ) -> tuple[Values | None, dict[str, Table | None]]:
        """Return the world's metadata and its tables by name; None for one that is unreadable.

        Parameters
        ----------
        path
            A path that ``recognises`` accepts.
        findings
            List for problems.
        """


#: All formats; the first that recognises a path reads it.
FORMATS: tuple[Format, ...] = (Folder(), GeoPackage(), Zipped(), WholeGeoJson())
