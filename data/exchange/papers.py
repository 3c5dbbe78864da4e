"""The writers of exported files: briefings, maps, warnings, outcomes for other tools."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.documents.outcomes import outcome_plain, run_id
from data.exchange import briefings
from data.exchange.cap import cap
from data.exchange.outcome_exports import OUTCOME_FORMATS
from models.outcome import Outcome
from models.papers.alert import Alert
from models.papers.briefing import Briefing
from models.scenario import Scenario
from models.world import World

Features = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Papers:
    """The writers of one region; ``base_files`` are its base map's GeoJSON files by name."""

    base_files: Mapping[str, bytes] = field(default_factory=dict)

    def base(self) -> Features:
        """Return the features of the base map, read once per process."""
        return _features(tuple(sorted(self.base_files.items())))

    def run_id(self, world: World, scenario: Scenario) -> str:
        """Return the id of a run."""
        return run_id(world, scenario)

    def briefing(self, made: Briefing, form: str) -> bytes:
        """Return a briefing as ``pdf`` or ``html``."""
        return briefings.FORMS[form](made)

    def picture(self, svg: str) -> bytes:
        """Return a drawing as PNG."""
        return briefings.png(svg)

    def alert(self, made: Alert) -> bytes:
        """Return a warning as CAP 1.2."""
        return cap(made)

    def outcome(self, world: World, scenario: Scenario, outcome: Outcome, form: str) -> bytes:
        """Return an outcome as ``geojson``, ``gpkg`` or ``csv`` (a zip with its licence).

        Parameters
        ----------
        world, scenario
            World and scenario of the run.
        outcome
            Outcome of the run.
        form
            A key of ``OUTCOME_FORMATS``.
        """
        plain = outcome_plain(world, scenario, outcome)
        with tempfile.TemporaryDirectory() as made:
            path = Path(made) / f"outcome.{form}"
            OUTCOME_FORMATS[form](world, plain, path)
            return path.read_bytes() if form != "csv" else _zipped(Path(made))


@lru_cache(maxsize=1)
def _features(files: tuple[tuple[str, bytes], ...]) -> Features:
    return {name: json.loads(body).get("features", []) for name, body in files}


def _zipped(folder: Path) -> bytes:
    """Return the files of a folder as a zip, the same bytes each time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
    return packed.getvalue()
