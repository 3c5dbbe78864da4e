"""The mapped 20 kV lines: what each of their pieces is taken to hang on.

The extract has 27 pieces and none of them touches a 110/20 kV station, so which station feeds a
piece is unknown. Each piece gets one feed at its end nearest to a station, and the feed needs that
station: an assumption. A line that leaves the region has an open end there and no source: 20 kV
networks are run from one side, and a source at the border would keep lines alive, or feed
the 110 kV level backwards, where nobody knows of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import dist

import networkx as nx

from data.prepare.osm import Tags
from models.knowledge.rules import Rule
from models.space.areas import to_metres
from models.world import ASSUMPTION, JUNCTION, Asset, Group, Link, Supplier

NAME = "20 kV line"
KV = 20.0
OPEN_END = "assumed/20kv"
#: The rule that says how a local station depends on its 110/20 kV station.
RULE = "D037"
_NOTE = (
    "no 20 kV line is mapped up to a 110/20 kV station: this piece is taken to hang on the "
    "nearest one; feeder uncertain"
)


def is_line(tags: Tags) -> bool:
    """Whether a way is a line or cable of medium voltage, old tagging included."""
    kind, voltage = tags.get("power"), tags.get("voltage", "")
    return kind in ("minor_line", "cable") or (kind == "line" and voltage in ("20000", "15000"))


def open_end(node: str, lon: float, lat: float) -> Asset:
    """Return the junction where a line leaves the region.

    Parameters
    ----------
    node
        The id of the last node inside.
    lon, lat
        Where it is, in degrees.
    """
    return Asset(
        node, "20 kV line leads on outside (open end)", JUNCTION, "energy", lon, lat,
        confidence="D", source="assumption", origin=ASSUMPTION,
        note="what lies outside is taken to hang on this end, not to feed it",
    )  # fmt: skip


def feeds(
    links: Sequence[Link],
    world: Mapping[str, Asset],
    stations: Sequence[Asset],
    rule: Rule,
    crs: str,
) -> list[Group]:
    """Return one group per piece: its end nearest to a station needs that station.

    Parameters
    ----------
    links
        Lines of 20 kV.
    world
        Assets by id, with the ends of the lines.
    stations
        Of 110/20 kV.
    rule
        What the need is like.
    crs
        The projection in which distances are in metres.
    """
    graph: nx.Graph[str] = nx.Graph((link.from_id, link.to_id) for link in links)
    project = to_metres(crs).transform
    at = {s.asset_id: project(s.lon, s.lat) for s in stations}
    found = []
    for piece in nx.connected_components(graph):
        joints = [end for end in piece if world[end].is_junction]
        ends = ((end, project(world[end].lon, world[end].lat)) for end in joints)
        distance, end, station = min((dist(xy, at[s]), end, s) for end, xy in ends for s in at)
        found.append(_feed(end, station, distance, rule))
    return sorted(found, key=lambda group: group.group_id)


def _feed(end: str, station: str, distance_m: float, rule: Rule) -> Group:
    return Group(
        f"assumed/20kv-feed:{end}",
        end,
        rule.service,
        (Supplier(station, distance_m=round(distance_m, 1)),),
        min_supply_fraction=rule.min_supply_fraction,
        restart_h=rule.restart_h,
        loss=rule.loss,
        origin=ASSUMPTION,
        confidence="D",
        source=_NOTE,
    )


def fed(end: Asset, world: Mapping[str, Asset], group: Group) -> Asset:
    """Return the end of a piece as what feeds it.

    Parameters
    ----------
    end
        The junction that is nearest to a station.
    world
        Assets by id.
    group
        Its need for that station.
    """
    station = world[group.suppliers[0].asset_id].name
    name = f"20 kV feed from {station} (assumed)"
    return replace(end, name=name, source_of=(group.service,))
