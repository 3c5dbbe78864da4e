"""Cells of people under the situation map: shaded as on the page (``assets/page/map/cells.js``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from layouts.palette import LIGHT
from layouts.words import basis_of
from models.impact.cells import cell_courses, moment_at
from models.outcome import Outcome
from models.wording import _
from models.world import Cell, World

#: A cell without an outline is a disc; its area grows with its people, within bounds, in metres.
PER_ROOT_M, LEAST_M, MOST_M = 9.0, 50.0, 350.0
METRES_PER_DEGREE = 111_320.0
#: some people lack something, then one service, two, three or more are missing for most
SOME, MORE = 1, 4
COVER = 0.78
Place = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class ShadedCell:
    """A cell where people lack something: how dark, and whether who serves it is declared."""

    cell: Cell
    shade: int
    declared: bool


def shaded_cells(world: World, outcome: Outcome, at_ms: int) -> tuple[ShadedCell, ...]:
    """Return the cells where people lack something at a time, those of few people last.

    Parameters
    ----------
    world, outcome
        Who lives where, and what came of a scenario.
    at_ms
        The time, in ms.
    """
    guessed = {s.cell_id for s in world.servings if basis_of(s.origin) != "declared"}
    found = []
    for cell_id, course in cell_courses(world, outcome).items():
        now, cell = moment_at(course, at_ms), world.cells[cell_id]
        if now.part > 0.0 and cell.people:
            shade = min(MORE, SOME + len(now.services))
            found.append(ShadedCell(cell, shade, cell_id not in guessed))
    return tuple(sorted(found, key=lambda match: (-match.cell.people, match.cell.cell_id)))


def drawn_cells(cells: Sequence[ShadedCell], at: Place, px_per_degree: float) -> Iterator[str]:
    """Yield cells as SVG.

    Parameters
    ----------
    cells
        Of :func:`shaded_cells`.
    at
        Where a place of longitude and latitude (degrees) is drawn, in px.
    px_per_degree
        Of latitude.
    """
    for cell in cells:
        yield _look(cell.shade, cell.declared, _shape(cell.cell, at, px_per_degree))


def _shape(cell: Cell, at: Place, px_per_degree: float) -> str:
    shape = cell.geometry
    if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon"):
        rings = [
            ring.coords
            for part in getattr(shape, "geoms", [shape])
            for ring in (part.exterior, *part.interiors)
        ]
        path = "".join(
            "M" + "L".join("{:.1f} {:.1f}".format(*at(*spot[:2])) for spot in ring) + "Z"
            for ring in rings
        )
        return f'<path d="{path}" fill-rule="evenodd"'
    x, y = at(cell.lon, cell.lat)
    metres = max(LEAST_M, min(MOST_M, PER_ROOT_M * sqrt(cell.people)))
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{metres / METRES_PER_DEGREE * px_per_degree:.1f}"'


def _look(shade: int, declared: bool, shape: str) -> str:
    dash = "" if declared else ' stroke-dasharray="3 2"'
    return (
        f'{shape} fill="{LIGHT[f"cell-{shade}"]}" fill-opacity="{COVER}" stroke="{LIGHT["ink"]}" '
        f'stroke-opacity="0.55" stroke-width="0.8"{dash}/>'
    )


def legend_entries(cells: Sequence[ShadedCell]) -> list[tuple[str, str]]:
    """Return what the legend shows of the cells that are drawn: symbol and words."""
    words = {
        SOME: _("some lack something"),
        2: _("1 service missing"),
        3: _("2 missing"),
        MORE: _("3 or more missing"),
    }
    disc = '<circle cx="0" cy="0" r="7"'
    shades = sorted({cell.shade for cell in cells})
    entries = [(_look(shade, True, disc), words[shade]) for shade in shades]
    if not all(cell.declared for cell in cells):
        bare = f'{disc} fill="none" stroke="{LIGHT["ink"]}" stroke-dasharray="3 2"/>'
        entries.append((bare, _("who serves them is inferred or assumed")))
    return entries
