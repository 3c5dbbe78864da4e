"""Sites of an earthquake from CSV, and the ground motion there as CSV."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.worlds.columns import Column
from data.worlds.csv_text import read_csv
from data.worlds.tables import Findings, Table, hint, rows, with_known_names
from models.errors import BadInputError
from models.hazards.ground_motion import MODELS, Motion, Site, beyond_range, model_name
from models.papers.tabular import csv_text

MAX_SITES_BYTES = 50_000_000
#: Of sites beyond a model's range so many are told.
MOST_NOTES = 10

_COLUMNS = (
    Column("model", required=True),
    Column("magnitude", "number", required=True, low=0, high=10),
    Column("rake", "number", required=True, low=-180, high=180),
    Column("distance_rjb_km", "number", required=True, low=0, high=20_000),
    Column("vs30_m_s", "number", required=True, low=10, high=10_000),
)
_ADDED = ("im", "unit", "median", "sigma_ln", "tau_ln", "phi_ln")


@dataclass(frozen=True, slots=True)
class Sites:
    """The rows of a file of sites: its cells as they stand, and what they mean."""

    table: Table
    models: tuple[str, ...]
    sites: tuple[Site, ...]
    notes: tuple[str, ...]


def read_sites(path: Path) -> Sites:
    """Read sites; further columns are kept.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file, the row and the column.
    """
    findings = Findings()
    table = read_csv(path, findings, MAX_SITES_BYTES)
    table = table and with_known_names(table, _COLUMNS, findings)
    if table is None:
        raise BadInputError(findings.problems)
    models, sites, notes = [], [], []
    for number, row in rows(table, _COLUMNS, findings):
        name = model_name(row["model"])
        if name is None and not findings.has(table, number, "model"):
            known = f"There are {', '.join(MODELS)}."
            findings.row(
                table, number, "model",
                f"no model '{row['model']}'. {hint(row['model'], MODELS, known)}", "model",
            )  # fmt: skip
        if name is None or findings.problems:
            continue
        site = Site(**{c.name: row[c.name] for c in _COLUMNS[1:]})
        models.append(name)
        sites.append(site)
        notes += [f"{path.name}, row {number}: {said}." for said in beyond_range(name, site)]
    findings.close()
    if findings.problems:
        raise BadInputError(findings.problems)
    more = len(notes) - MOST_NOTES
    notes_shown = [*findings.warnings, *notes[:MOST_NOTES]]
    notes_shown += [f"... and {more} more rows beyond a model's range."] if more > 0 else []
    return Sites(table, tuple(models), tuple(sites), tuple(notes_shown))


def motions_csv(sites: Sites, motions: Sequence[Motion]) -> str:
    """Return the sites with their ground motion as CSV.

    Parameters
    ----------
    sites
        As they were read.
    motions
        One for every site, in their order.
    """
    own = [column.name for column in _COLUMNS]
    kept = [name for name in sites.table.cells if name not in (*own, *_ADDED)]
    lines = []
    for place, (site, motion) in enumerate(zip(sites.sites, motions, strict=True)):
        stated_model = sites.table.cells["model"][place]
        inputs = (site.magnitude, site.rake, site.distance_rjb_km, site.vs30_m_s)
        others = [sites.table.cells[column][place] for column in kept]
        spread = (motion.sigma_ln, motion.tau_ln, motion.phi_ln)
        stated = ["" if math.isnan(value) else value for value in spread]
        lines.append([stated_model, *inputs, *others, "PGA", "g", motion.median_g, *stated])
    return csv_text([*own, *kept, *_ADDED], lines)
