"""Counts the assets of an OpenStreetMap file by their tags alone, without the importer's code."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import osmium

ROOT = Path(__file__).resolve().parent.parent
#: Where data for tests lies that is no part of the repository: beside it, or beside its folder.
SHARED = next(
    (p / "shared" / "data" for p in (ROOT.parent, ROOT.parent.parent)
     if (p / "shared" / "data").is_dir()),
    ROOT.parent / "shared" / "data",
)  # fmt: skip
#: type → tags that make an element one, as (key, value) pairs that hold together
TAGS = {
    "hospital": [{"amenity": "hospital"}],
    "pharmacy": [{"amenity": "pharmacy"}],
    "fire_station": [{"amenity": "fire_station"}],
    "police_station": [{"amenity": "police"}],
    "school": [{"amenity": a} for a in ("school", "kindergarten", "college", "university")],
    "fuel_station": [{"amenity": "fuel"}],
    "bank_branch": [{"amenity": "bank"}, {"amenity": "atm"}],
    "supermarket": [{"shop": "supermarket"}],
    "water_works": [{"man_made": "water_works"}],
    "wastewater_plant": [{"man_made": "wastewater_plant"}],
    "water_tower": [{"man_made": "water_tower"}],
    "power_generator": [{"power": "generator"}],
    "rail_station": [{"railway": "station"}, {"railway": "halt"}],
    "dam": [{"waterway": "dam"}],
    "helipad": [{"aeroway": "helipad"}],
    "charging_hub": [{"amenity": "charging_station"}],
}


def count_by_tags(path: Path) -> Counter[str]:
    """Return how many elements inside the file's box have the tags of each type."""
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        box = reader.header().box()
    found: Counter[str] = Counter()
    for item in osmium.FileProcessor(str(path)).with_locations():
        if item.is_relation() and item.tags.get("type") != "multipolygon":
            continue
        if item.is_node():
            places = [item.location]
        elif item.is_way():
            places = [n.location for n in item.nodes if n.location.valid()]
        else:
            places = []
        if places and not any(p.valid() and box.contains(p) for p in places):
            continue
        for kind, choices in TAGS.items():
            if any(all(item.tags.get(k) == v for k, v in tags.items()) for tags in choices):
                found[kind] += 1
    return found
