"""What tags of ways mean for networks and for the base map."""

from __future__ import annotations

Tags = dict[str, str]
MAJOR = ("motorway", "trunk", "primary", "secondary", "tertiary")
MINOR = ("unclassified", "residential", "living_street", "pedestrian")
SIDE_TRACKS = ("spur", "yard", "siding", "crossover")
#: Values of ``substance`` of pipes → service that they carry.
PIPES = {
    "gas": "gas", "natural_gas": "gas", "water": "drinking_water", "heat": "heat",
    "hot_water": "heat", "oil": "fuel", "fuel": "fuel", "sewage": "waste_water",
    "wastewater": "waste_water",
}  # fmt: skip
_BUILT = ("residential", "commercial", "industrial", "retail", "garages", "military", "railway",
          "port", "quarry")  # fmt: skip
_GREEN_LAND = ("allotments", "cemetery", "recreation_ground", "village_green")
_GREEN_LEISURE = ("park", "golf_course", "stadium", "nature_reserve")


def is_network(tags: Tags) -> bool:
    """Whether a way is a piece of a network."""
    return (
        tags.get("power") in ("line", "minor_line", "cable")
        or is_main_road(tags)
        or is_track(tags)
        or (tags.get("man_made") == "pipeline" and tags.get("substance") in PIPES)
        or tags.get("communication") == "line"
        or tags.get("telecom:medium") == "fibre"
    )


def is_main_road(tags: Tags) -> bool:
    """Whether a way is a road that the road network is made of."""
    return tags.get("highway", "").removesuffix("_link") in MAJOR


def is_track(tags: Tags) -> bool:
    """Whether a way is a track that trains run on between stations."""
    return tags.get("railway") == "rail" and tags.get("service") not in SIDE_TRACKS


def base_layer(tags: Tags, area: bool) -> tuple[str, str]:
    """Return the layer of the base map and the kind of feature; empty texts for none."""
    result = _area_layer(tags) if area else ("", "")
    return result if result[0] else _line_layer(tags, area)


def _area_layer(tags: Tags) -> tuple[str, str]:
    natural, land, leisure = tags.get("natural"), tags.get("landuse"), tags.get("leisure")
    if (
        natural in ("water", "bay")
        or tags.get("waterway") == "riverbank"
        or land in ("reservoir", "basin", "salt_pond")
    ):
        return "water", "water"
    if natural == "wood" or land == "forest":
        return "wood", "wood"
    if land in _BUILT:
        return "built", land
    if land in _GREEN_LAND or leisure in _GREEN_LEISURE:
        return "green", land or leisure or ""
    return "", ""


def _line_layer(tags: Tags, area: bool) -> tuple[str, str]:
    road = tags.get("highway", "").removesuffix("_link")
    if road and tags.get("area") != "yes":
        if road in MAJOR[:4]:
            return "roads_major", road
        if road in ("tertiary", *MINOR):
            return "roads_minor", road
    if tags.get("railway") == "rail" and tags.get("service") not in ("yard", "siding"):
        return "rail", tags.get("usage") or "branch"
    if tags.get("waterway") in ("river", "stream", "canal") and not area:
        return "waterways", tags["waterway"]
    return "", ""
