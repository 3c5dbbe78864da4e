"""Writes what a world says about itself: ``world.json``, ``sources.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.prepare import fetch, tables
from data.prepare.osm import Extract
from data.prepare.people import Homes, inhabitants
from models.world import Asset

SNAPSHOT = "2016-02-10"
ATTRIBUTION = "© OpenStreetMap contributors"


def write(
    out: Path,
    extract: Extract,
    homes: Homes,
    plants: Sequence[Mapping[str, Any]],
    world: Mapping[str, Asset],
) -> None:
    """Write ``world.json`` and ``sources.json``.

    Parameters
    ----------
    out
        The region's folder.
    extract, homes, plants
        What it was made of.
    world
        Its assets by id.
    """
    sources = _sources(extract, homes, plants, world)
    tables.write_json(out / "sources.json", sources)
    tables.write_json(
        out / "world.json",
        {
            "id": "neubrandenburg",
            "title": "Neubrandenburg and surroundings",
            "version": "1",
            "snapshot_date": SNAPSHOT,
            "bbox": list(extract.bounds),
            "licence": "ODbL-1.0",
            "attribution": f"{ATTRIBUTION}, data of 10 February 2016",
            "sources": [
                {key: source[key] for key in ("id", "title", "licence", "attribution")}
                for source in sources
            ],
        },
    )


def _sources(
    extract: Extract,
    homes: Homes,
    plants: Sequence[Mapping[str, Any]],
    world: Mapping[str, Asset],
) -> list[dict[str, Any]]:
    sized = "; ".join(
        f"{a.capacity:g} {a.unit} of {a.name} ({a.asset_id})"
        for a in sorted(world.values(), key=lambda a: a.asset_id)
        if a.capacity is not None
    )
    return [
        {
            "id": "osm",
            "title": "OpenStreetMap extract of Neubrandenburg",
            "licence": "ODbL-1.0, https://opendatacommons.org/licenses/odbl/1-0/",
            "attribution": f"{ATTRIBUTION}, https://www.openstreetmap.org/copyright",
            "date": SNAPSHOT,
            "retrieved": "2026-11-22",
            "from": f"Debian source package {fetch.PACKAGE}, file {fetch.MEMBER}",
            "sha256": fetch.OSM_SHA256,
            "rows": {
                "nodes": len(extract.places),
                "ways": len(extract.ways),
                "relations": len(extract.relations),
            },
            "crs": "EPSG:4326",
            "what_it_is_not": "Not complete, not current, and without any dependency: who "
            "supplies whom is inferred by rule. Contributors' names were dropped.",
        },
        {
            "id": "people",
            "title": "People by building (modelled)",
            "licence": "ODbL-1.0 (derived from OpenStreetMap)",
            "attribution": ATTRIBUTION,
            "date": SNAPSHOT,
            "retrieved": "2026-11-22",
            "from": f"population tags of {len(inhabitants(extract))} places, spread over "
            "residential footprints x floors",
            "sha256": fetch.OSM_SHA256,
            "rows": {"people": int(homes.people.sum()), "buildings": homes.buildings},
            "crs": "EPSG:32633, summed by cell",
            "what_it_is_not": "No count and no register: nobody is located.",
        },
        {
            "id": "powerplantmatching",
            "title": "Power plants and units (base/generation.csv; capacity in assets.csv)",
            "licence": "CC-BY-4.0, https://creativecommons.org/licenses/by/4.0/",
            "attribution": "powerplantmatching 0.9.1, clipped and reduced",
            "date": "2026-10",
            "retrieved": "2026-11-22",
            "from": "PyPI powerplantmatching 0.9.1, source distribution, powerplants.csv",
            "sha256": fetch.POWERPLANTS_SHA256,
            "rows": {"units": len(plants)},
            "crs": "EPSG:4326",
            "what_it_is_not": f"Nothing of it moves a cascade by itself. {sized} is in assets.csv "
            "and limits the measure that lets the plant run islanded. Small units never energise "
            "a dead network here; their positions are approximate.",
        },
        {
            "id": "knowledge",
            "title": "Dependency rules and assumptions of this project",
            "licence": "Apache-2.0",
            "attribution": "Knock-on",
            "date": "2026-11-23",
            "retrieved": "2026-11-23",
            "from": "data/knowledge and the tables in data/prepare; sources row by row",
            "sha256": "",
            "rows": {},
            "crs": "",
            "what_it_is_not": "No statement of an operator. Every inferred edge has its rule, "
            "confidence and distance, and a declared one replaces it.",
        },
    ]
