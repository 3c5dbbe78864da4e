"""Formats that become the tables of a world, one module each.

A format only fills tables with text: columns, checks and messages are the same for all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from data.worlds.formats.folder import Folder
from data.worlds.formats.geopackage import GeoPackage
from data.worlds.formats.zipped import Zipped
from data.worlds.tables import Findings, Table, Values


class Format(Protocol):
    """A format of worlds."""

    def recognises(self, path: Path) -> bool:
        """Tell whether a world is in this format, by its name and without reading all of it."""

    def tables(
        self, path: Path, findings: Findings
    ) -> tuple[Values | None, dict[str, Table | None]]:
        """Return the world's metadata and its tables by name; None for one that is unreadable.

        Parameters
        ----------
        path
            What ``recognises`` said yes to.
        findings
            Where to tell what cannot be read.
        """


#: The first that recognises a path reads it.
FORMATS: tuple[Format, ...] = (Folder(), GeoPackage(), Zipped())
