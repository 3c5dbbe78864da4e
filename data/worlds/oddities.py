"""Warnings about valid content of a world that is probably unintended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from statistics import median

from data.knowledge.reader import asset_types, services
from data.knowledge.synonyms import Named, meanings
from data.worlds.columns import Column
from data.worlds.schema import BOUNDS, SILENT
from data.worlds.tables import Findings, Table, hint
from models.papers.tabular import NOTE_COLUMN
from models.world import JUNCTION, Asset, World

PEOPLE = "people"
_PEOPLE_SERVED = (
    "If it is the people served: they stand in service_areas.csv, column people, with one row for "
    "each asset and service."
)
BASES = ("location", "corridor", "vendor", "product", "version", "operator", "fuel")
#: Other names for the column tlp.
_LABEL_COLUMNS = ("tlp", "tpl", "tlplabel", "tlpcolor", "tlpcolour", "trafficlightprotocol")
#: Distances to the centre of the world, in degrees: near, and far away.
_NEAR, _FAR = 2.0, 10.0
#: With fewer places the centre is not reliable.
_ENOUGH = 4


def warn_further_columns(
    name: str, table: Table, columns: tuple[Column, ...], findings: Findings
) -> None:
    """Warn of columns that are not read; refuse one that may mean the labels.

    Parameters
    ----------
    name
        Name of the table, as in ``COLUMNS``.
    table
        Its rows.
    columns
        The columns that are read.
    findings
        List for warnings and problems.
    """
    declared = {column.name for column in columns}
    ranged = {c.name + end for c in columns if c.kind == "number" for end in BOUNDS}
    silent = declared | ranged | SILENT.get(name, set()) | {NOTE_COLUMN}
    for column in table.columns:
        if column in silent:
            continue
        letters = "".join(letter for letter in column.casefold() if letter.isalpha())
        if letters in _LABEL_COLUMNS and "tlp" in declared - set(table.columns):
            text = f"column '{column}' is not read, so its labels would protect nothing."
            findings.problem(table.place, f"{text} Call it tlp, or take it away.")
        elif letters in _LABEL_COLUMNS:
            text = f"further column {column}. Labels are not read here: use labels.csv."
            findings.warn(table.place, text)
        else:
            findings.warn(
                table.place, f"further column {column}. {_meant(column, table, declared)}"
            )


def _meant(column: str, table: Table, known: Collection[str]) -> str:
    """Return a hint which column, of this or another table, an unread one may mean."""
    meant = meanings("column", column)
    if PEOPLE in meant and PEOPLE not in known:
        return _PEOPLE_SERVED
    return hint(column, set(known) - set(table.columns), "It is not read.", meant)


def warn_oddities(world: World, findings: Findings) -> None:
    """Warn of valid content that is probably unintended."""
    if not world.groups:
        text = "no dependencies: only what is hit, and what links carry, can fail."
        findings.warn(world.world_id, text)
    _warn_types(world, findings)
    _warn_services(world, findings)
    _warn_flows(world, findings)
    _warn_places(world, findings)
    _warn_ids(world, findings)
    for cause in world.common_causes.values():
        if cause.basis not in BASES:
            other = hint(cause.basis, BASES, f"Known: {', '.join(BASES)}.")
            text = f"common cause '{cause.group_id}': unknown basis '{cause.basis}'. {other}"
            findings.warn(world.world_id, text)
    pairs = Counter((area.asset_id, area.service) for area in world.service_areas)
    for (asset_id, service), count in pairs.items():
        if count > 1:
            text = f"'{asset_id}' has {count} service areas of {service}"
            findings.warn(world.world_id, f"{text}; their people are added up.")


def _warn_ids(world: World, findings: Findings) -> None:
    """Warn of ids that only differ in case."""
    by_letters = defaultdict(list)
    for asset_id in world.assets:
        by_letters[asset_id.casefold()].append(asset_id)
    alike = [ids for ids in by_letters.values() if len(ids) > 1]
    if alike:
        names = " and ".join(f"'{asset_id}'" for asset_id in alike[0])
        more = f", and {len(alike) - 1} more" if len(alike) > 1 else ""
        text = f"{names} differ only in capitals{more}. They are different assets."
        findings.warn(world.world_id, text)


# --- types and services ----------------------------------------------------------------------


def _known_types() -> dict[Named, set[str]]:
    """Return the asset types and sectors of the knowledge tables."""
    types = asset_types()
    sectors = {name for t in types.values() for name in (t.sector, t.display_sector)}
    return {"asset_type": {*types, JUNCTION}, "sector": sectors}


def _warn_types(world: World, findings: Findings) -> None:
    for field_name, types in _known_types().items():
        counts = Counter(getattr(asset, field_name) for asset in world.assets.values())
        for value in sorted(counts):
            if value not in types:
                meant = meanings(field_name, value)
                other = hint(value, types, "It is shown among the others.", meant)
                text = f"unknown {field_name} '{value}' ({counts[value]} assets). {other}"
                findings.warn(world.world_id, text)


#: Columns without effect on runs as long as nothing else has the service.
_IDLE = {"provides", "service_areas", "served"}


def service_notes(world: World) -> Iterator[str]:
    """Yield warnings about services that make results differ from what was intended.

    These are services that occur only once, and networks without a source.
    """
    uses = _uses(world)
    for service in sorted(set(uses) - set(services())):
        if len(uses[service]) == 1 and not uses[service] & _IDLE:
            other = _service_hint(service, uses) or "Nothing else in this world has it."
            (column,) = uses[service]
            yield f"unknown service '{service}' ({column} only). {other}"
    fed = {service for asset in world.assets.values() for service in asset.source_of}
    fed |= {flow.service for flow in world.flows if flow.supply}
    for service in world.link_services:
        if service not in fed:
            text = f"no asset is a source of '{service}', which links carry"
            yield f"{text}: whatever hangs on them is never served."


def _warn_services(world: World, findings: Findings) -> None:
    """Warn of probably unintended services, and of ids that differ from the known ones."""
    for note in service_notes(world):
        findings.warn(world.world_id, note)
    uses = _uses(world)
    for service in sorted(set(uses) - set(services())):
        is_told = len(uses[service]) == 1 and not uses[service] & _IDLE
        if not is_told and (other := _service_hint(service, uses)):
            where = " and ".join(sorted(uses[service])[:3])
            text = f"unknown service '{service}' (in {where}). {other}"
            findings.warn(world.world_id, text)


def _service_hint(service: str, uses: Mapping[str, set[str]]) -> str:
    if any(separator in service for separator in ",;"):
        return "Services of a list are separated by |."
    candidates = {*services(), *uses} - {service}
    return hint(service, candidates, "", meanings("service", service))


def _uses(world: World) -> Mapping[str, set[str]]:
    """Return the columns in which each service occurs."""
    uses: dict[str, set[str]] = defaultdict(set)
    for service, column in _used(world):
        uses[service].add(column)
    return uses


def _used(world: World) -> Iterator[tuple[str, str]]:
    for asset in world.assets.values():
        yield from ((service, "provides") for service in asset.provides)
        yield from ((service, "source_of") for service in asset.source_of)
    yield from ((link.service, "links") for link in world.links.values())
    yield from ((group.service, "dependencies") for group in world.groups.values())
    yield from ((flow.service, "flows") for flow in world.flows)
    yield from ((area.service, "service_areas") for area in world.service_areas)
    yield from ((serving.service, "served") for serving in world.servings)
    yield from ((need.service, "unknowns") for need in world.unknown_needs)


def _warn_flows(world: World, findings: Findings) -> None:
    inside = {(end, x.service) for x in world.links.values() for end in (x.from_id, x.to_id)}
    inside |= {(a.asset_id, service) for a in world.assets.values() for service in a.source_of}
    inside |= {(flow.asset_id, flow.service) for flow in world.flows if flow.supply is not None}
    for flow in world.flows:
        if flow.demand and (flow.asset_id, flow.service) not in inside:
            text = f"demand of {flow.service} at '{flow.asset_id}' counts nowhere"
            findings.warn(world.world_id, f"{text}: the asset has no link of this service.")
        if flow.supply is None and flow.demand is None:
            pair = f"{flow.service} at '{flow.asset_id}'"
            findings.warn(world.world_id, f"the flow of {pair} has neither supply nor demand.")


# --- places ----------------------------------------------------------------------------------


def _warn_places(world: World, findings: Findings) -> None:
    """Warn of assets whose longitude and latitude look swapped, or missing."""
    swapped = list(_swapped(world))
    if swapped:
        names = ", ".join(f"'{asset.asset_id}'" for asset in swapped[:5])
        more = f" and {len(swapped) - 5} more" if len(swapped) > 5 else ""
        text = f"longitude and latitude look swapped at {names}{more}"
        findings.warn(world.world_id, f"{text}. lon is the one that goes from west to east.")
    if nowhere := _nowhere(world) if world.assets else []:
        names = ", ".join(f"'{asset_id}'" for asset_id in nowhere[:5])
        more = f" and {len(nowhere) - 5} more" if len(nowhere) > 5 else ""
        text = f"{names}{more} at longitude 0, latitude 0: is the place missing?"
        findings.warn(world.world_id, text)


def _nowhere(world: World) -> list[str]:
    """Return the assets at 0/0 of a world that lies elsewhere: a place that nobody stated."""
    assets = world.assets.values()
    at_zero = [asset.asset_id for asset in assets if asset.lon == 0 and asset.lat == 0]
    lon, lat = (median(getattr(a, axis) for a in assets) for axis in ("lon", "lat"))
    is_elsewhere = len(at_zero) < len(assets) and max(abs(lon), abs(lat)) > _NEAR
    return at_zero if is_elsewhere else []


def _swapped(world: World) -> Iterator[Asset]:
    assets = world.assets.values()
    if world.bbox is not None:
        for asset in assets:
            inside = _is_inside(asset.lon, asset.lat, world.bbox)
            if not inside and _is_inside(asset.lat, asset.lon, world.bbox):
                yield asset
        return
    if len(assets) < _ENOUGH:
        return
    lon, lat = median(a.lon for a in assets), median(a.lat for a in assets)
    for asset in assets:
        away = max(abs(asset.lon - lon), abs(asset.lat - lat))
        turned = max(abs(asset.lat - lon), abs(asset.lon - lat))
        if away > _FAR and turned < _NEAR:
            yield asset


def _is_inside(lon: float, lat: float, bbox: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bbox
    crosses = west > east
    within = (lon >= west or lon <= east) if crosses else west <= lon <= east
    return within and south <= lat <= north
