"""From the ``hazard`` events of a scenario to what they do: files in, hits out."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from data.hazards import forms
from data.hazards.curve_tables import read_curve_table
from data.hazards.curves import curve_of_id, default_curves, embedded_curves
from data.hazards.places import Places
from models.errors import BadInputError
from models.hazards.attack import Impact, attack_hits
from models.hazards.curves import F64, Curve
from models.hazards.exposure import Effects, Exposure, LossRules, effects_of
from models.hazards.fields import Areas, Field, Smooth
from models.hazards.hits import hits_of
from models.hazards.kinds import KINDS
from models.hazards.storm import Air, distance_m, gusts
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import World

NUMBERS = Path(__file__).resolve().parent.parent / "knowledge" / "hazard_numbers.csv"
IMPACTS = NUMBERS.parent / "attack_effects.csv"
#: How far around a world a raster is read, in degrees: a cell at the edge is never cut.
_AROUND = 0.01
#: The shaking is taken at so many distances from this one on, and in between.
_NEAREST_KM, _DISTANCES = 0.1, 200

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class OpenedHazard:
    """One hazard event with what it does; ``number`` is its place among the events."""

    number: int
    event: Event
    exposure: Exposure
    effects: Effects


@lru_cache(maxsize=1)
def hazard_numbers() -> Mapping[str, float]:
    """Return the numbers of the knowledge table, by name."""
    with NUMBERS.open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


@lru_cache(maxsize=1)
def attack_impacts() -> Mapping[str, Impact]:
    """Return what the effects of attacks do, by id of ATT&CK for ICS."""
    with IMPACTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["effect"]: Impact(float(row["level"]), row["lasts"] == "true") for row in rows}


def loss_rules() -> LossRules:
    """Return from when on something is lost in a single run."""
    numbers = hazard_numbers()
    return LossRules(numbers["damage_lost"], numbers["p_lost"])


def with_hits(
    scenario: Scenario, world: World, places: Places, at_ms: int | None = None
) -> tuple[Scenario, tuple[OpenedHazard, ...], tuple[str, ...]]:
    """Return the scenario whose hazards know what they hit, these hazards, and notes.

    Parameters
    ----------
    scenario
        As it was read.
    world
        The whole world.
    places
        Where the files of fields may lie.
    at_ms
        The moment that fields are looked at, in ms; None: each at its most intense.

    Raises
    ------
    BadInputError
        One line per event whose field or curves cannot be used.
    """
    opened: list[OpenedHazard] = []
    notes: list[str] = []
    problems: list[str] = []
    events = list(scenario.events)
    for number, event in enumerate(events):
        place = f"events[{number}]"
        if event.do == "attack":
            try:
                events[number] = replace(event, hits=attack_hits(world, event, attack_impacts()))
            except BadInputError as error:
                problems += (f"{place}.{p}" for p in error.problems)
        if event.do != "hazard" or not _is_there(event, at_ms):
            continue
        try:
            exposure, said = open_exposure(event, world, places, place)
            if at_ms is not None:
                exposure = replace(exposure, steps=_step_at(exposure, at_ms - to_ms(event.at_h)))
            effects = effects_of(world, exposure, default_curves(), loss_rules())
        except BadInputError as error:
            problems += (p if p.startswith("events[") else f"{place}: {p}" for p in error.problems)
            continue
        notes += said
        if _has_no_curve(event, effects):
            text = f"nothing has a curve for '{event.hazard}' by {exposure.im or 'its field'}"
            notes.append(f"{place}: {text}. Name 'curves' or a 'threshold'.")
        if not effects.assets and not effects.links:
            notes.append(f"{place}.field: it reaches nothing of this world.")
        opened.append(OpenedHazard(number, event, exposure, effects))
        events[number] = replace(event, hits=hits_of(event, effects, exposure.unit))
    if problems:
        raise BadInputError(problems)
    return replace(scenario, events=tuple(events)), tuple(opened), tuple(notes)


def _has_no_curve(event: Event, effects: Effects) -> bool:
    """Whether a field reaches something and can break nothing of it."""
    curves = [asset.curve for asset in effects.assets] + [link.curve for link in effects.links]
    return bool(curves) and event.threshold is None and all(curve is None for curve in curves)


def _is_there(event: Event, at_ms: int | None) -> bool:
    """Whether a field is there at a moment."""
    until = event.until_h
    return at_ms is None or (to_ms(event.at_h) <= at_ms and (until is None or at_ms < to_ms(until)))


def _step_at(exposure: Exposure, after_ms: int) -> list[tuple[float, Field]]:
    """Return the step of a field that holds so long after its event; none before the first."""
    return [step for step in exposure.steps if to_ms(step[0]) <= after_ms][-1:]


def open_exposure(
    event: Event, world: World, places: Places, place: str
) -> tuple[Exposure, list[str]]:
    """Return the hazard of an event with its fields and curves, and notes.

    Parameters
    ----------
    event
        One event of kind ``hazard``.
    world
        The whole world: of files, only what is around it is read.
    places
        Where files may lie.
    place
        Where the event stands, for messages.

    Raises
    ------
    BadInputError
        With what is wrong with its field or curves.
    """
    kind = KINDS.get(event.hazard or "")
    form = forms.parse_field(event.field.plain if event.field else None, f"{place}.field")
    steps, unit, notes = _steps(form, world, places, f"{place}.field")
    im = form.im or (kind.im if kind else "")
    if isinstance(form, forms.QuakeForm | forms.ShakeMapForm):
        im = form.im or "PGA"
    held = form.unit if form.unit is not None else unit
    if held is None:
        held = kind.unit if kind else ""
    curves = _curves(event, places, place)
    return Exposure(event.hazard or "", im, held, steps, event.threshold, curves), notes


def _steps(
    form: forms.AnyForm, world: World, places: Places, place: str
) -> tuple[list[tuple[float, Field]], str | None, list[str]]:
    """Return the field at each step in time, its own unit (None: not stated), and notes."""
    box = box_of(world)
    if isinstance(form, forms.PolygonForm):
        from data.hazards.areas import area_of

        area, notes = area_of(form.polygon, form.crs, f"{place}.polygon")
        levels = [(s.after_h, s.intensity) for s in form.steps or ()] or [(0.0, form.intensity)]
        return [(after_h, Areas([area], [level])) for after_h, level in sorted(levels)], None, notes
    if isinstance(form, forms.FileForm):
        steps, notes = _of_file(form, box, places, place)
        return steps, None, notes
    if isinstance(form, forms.CapForm):
        from data.hazards.areas import areas_of_warnings

        names = [form.cap] if isinstance(form.cap, str) else form.cap
        files = [places.file(name, f"{place}.cap") for name in names]
        areas, notes = areas_of_warnings(files, form.intensity, f"{place}.cap")
        return [(0.0, areas)], None, notes
    if isinstance(form, forms.ShakeMapForm):
        from data.hazards.grids import shakemap_grid

        path = places.file(form.shakemap, f"{place}.shakemap")
        grid, unit = shakemap_grid(path, form.im or "PGA", f"{place}.shakemap")
        return [(0.0, grid)], unit, []
    if isinstance(form, forms.WaterForm):
        from data.hazards.rasters import open_raster, water_over

        path = places.file(form.dem, f"{place}.dem")
        window = open_raster(
            path, box, f"{place}.dem", band=form.band, crs=form.crs, empty=float("inf")
        )
        spring = None if form.lon is None or form.lat is None else (form.lon, form.lat)
        return [(0.0, water_over(window, form.water_level_m, spring, place))], "m", []
    if isinstance(form, forms.TrackForm):
        return [(0.0, _storm(form, places, place))], "m/s", []
    shaking, notes = _quake(form, place)
    return [(0.0, shaking)], "g", notes


def box_of(world: World) -> Box:
    """Return west, south, east and north of all assets and links, in degrees, and a little more."""
    import shapely

    ways = [k.geometry for k in world.links.values() if k.geometry is not None]
    west, south, east, north = shapely.total_bounds(ways) if ways else (180.0, 90.0, -180.0, -90.0)
    lon, lat = ([getattr(a, n) for a in world.assets.values()] for n in ("lon", "lat"))
    box = min(west, *lon), min(south, *lat), max(east, *lon), max(north, *lat)
    return box[0] - _AROUND, box[1] - _AROUND, box[2] + _AROUND, box[3] + _AROUND


def _of_file(
    form: forms.FileForm, box: Box, places: Places, place: str
) -> tuple[list[tuple[float, Field]], list[str]]:
    from data.hazards.areas import areas_of_file
    from data.hazards.rasters import grid_of, open_netcdf, open_raster

    where = f"{place}.file"
    path = places.file(form.file, where)
    with path.open("rb") as file:
        start = file.read(16)
    if _is_vector(path, start):
        areas, notes = areas_of_file(path, where, layer=form.layer, column=form.column,
                                     intensity=form.intensity, crs=form.crs)  # fmt: skip
        return [(0.0, areas)], notes
    steps = [(s.after_h, s.band) for s in form.steps] if form.steps else [(0.0, form.band)]
    found: list[tuple[float, Field]] = []
    for after_h, band in sorted(steps, key=lambda step: step[0]):
        if form.variable is not None or start.startswith((b"CDF", b"\x89HDF")):
            window = open_netcdf(path, box, where, variable=form.variable, band=band, crs=form.crs)
        else:
            window = open_raster(path, box, where, band=band, crs=form.crs)
        found.append((after_h, grid_of(window)))
    return found, []


def _is_vector(path: Path, start: bytes) -> bool:
    """Whether a file holds areas: GeoJSON by its first sign, a GeoPackage with a layer of them."""
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return True
    if not start.startswith(b"SQLite format 3"):
        return False
    from pyogrio import list_layers
    from pyogrio.errors import DataSourceError

    try:
        return any(kind is not None for _, kind in list_layers(path))
    except DataSourceError:
        return False


def _storm(form: forms.TrackForm, places: Places, place: str) -> Smooth:
    from data.hazards.grids import read_track

    path = places.file(form.track, f"{place}.track")
    track = read_track(path, form.track_id, f"{place}.track")
    numbers = hazard_numbers()
    air = Air(numbers["air_density"], numbers["outer_pressure"],
              numbers["holland_b_low"], numbers["holland_b_high"])  # fmt: skip
    return Smooth(lambda lon, lat: gusts(track, air, form.gust_factor, lon, lat))


def _quake(form: forms.QuakeForm, place: str) -> tuple[Smooth, list[str]]:
    """Return the median shaking around an epicentre, as of a point, and notes."""
    # imported here: the models of ground motion bring a library that other fields do not need
    from models.hazards import ground_motion as motions

    name = motions.model_name(form.model)
    if name is None:
        known = ", ".join(motions.MODELS)
        raise BadInputError([f"{place}.model: no model '{form.model}'. There are: {known}."])
    most = motions.MODELS[name].distance_km  # beyond it the model says nothing
    grid = np.geomspace(_NEAREST_KM, most, _DISTANCES)
    grid[-1] = most
    sites = [motions.Site(form.magnitude, form.rake, float(km), form.vs30_m_s) for km in grid]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is beyond a model's range is a note
        medians = np.array([motions.motion(name, site).median_g for site in sites])
    notes = [f"{place}: {text} of {name}'s data." for text in motions.beyond_range(name, sites[0])]

    def shaking(lon: F64, lat: F64) -> F64:
        km = distance_m(np.array(form.lon), np.array(form.lat), lon, lat) / 1000.0
        near = np.log(np.maximum(km, _NEAREST_KM))
        found: F64 = np.exp(np.interp(near, np.log(grid), np.log(medians)))
        return np.where(km <= most, found, 0.0)

    return Smooth(shaking), notes


# --- curves ----------------------------------------------------------------------------------


def _curves(event: Event, places: Places, place: str) -> dict[str, Curve]:
    """Return the curves that the event names, by what they act on."""
    named = event.curves.plain if event.curves else {}
    if not isinstance(named, Mapping) or not all(isinstance(v, str) for v in named.values()):
        raise BadInputError([f"{place}.curves: not an object of types and ids of curves."])
    tables: list[tuple[Curve, ...]] = []
    if event.tables is not None:
        tables.append(_table(places.file(event.tables, f"{place}.tables")))
    own = {curve.curve_id for curve in embedded_curves()}
    if not tables and any(curve_id not in own for curve_id in named.values()):
        tables += [_table(path) for path in places.workbooks()[:3]]
    found, problems = {}, []
    for what, curve_id in named.items():
        try:
            found[str(what)] = _named(curve_id, tables)
        except BadInputError as error:
            problems += [f"{place}.curves.{what}: {p}" for p in error.problems]
    if problems:
        raise BadInputError(problems)
    return found


def _named(curve_id: str, tables: Sequence[tuple[Curve, ...]]) -> Curve:
    for table in tables:
        try:
            return curve_of_id(curve_id, table)
        except BadInputError:
            continue
    return curve_of_id(curve_id)


def _table(path: Path) -> tuple[Curve, ...]:
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> tuple[Curve, ...]:
    del changed
    return read_curve_table(path)
