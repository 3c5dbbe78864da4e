"""The features: the world as the page draws it."""

from __future__ import annotations

from typing_extensions import TypedDict

from layouts.feed.payloads.tables import Column


class Named(TypedDict):
    """A sector."""

    id: str
    label: str


class AssetType(Named):
    """A type of asset; ``special`` are hospitals, schools and the like."""

    special: bool


class Service(Named):
    """A service."""

    people_label: str
    unit: str


class ServedPeople(TypedDict):
    """People whom assets serve."""

    a: Column[int]
    service: Column[str]
    n: Column[int]


Ring = list[list[float]]


class Geometry(TypedDict):
    """A GeoJSON geometry: a line, a polygon or several, a point or several."""

    type: str
    coordinates: list[float] | Ring | list[Ring] | list[list[Ring]]


class Shapes(TypedDict):
    """Outlines of assets that are no points."""

    a: list[int]
    shape: list[Geometry]


class AssetTexts(TypedDict):
    """The texts of all assets that are sent as their table has them."""

    asset_type: Column[str]
    sector: Column[str]
    origin: Column[str]
    confidence: Column[str]
    source: Column[str]
    operator: Column[str]
    contact: Column[str]
    note: Column[str]


class Assets(AssetTexts):
    """All assets; places in microdegrees, shifted by 180° so that none is negative."""

    id: list[str]
    name: Column[str]
    lon: Column[int]
    lat: Column[int]
    #: service and the basis of that knowledge
    needs: Column[tuple[tuple[str, str], ...]]
    people: ServedPeople
    shapes: Shapes


#: all links; ``points`` says how many spots of ``lon`` and ``lat`` each has
Links = TypedDict(
    "Links",
    {
        "id": list[str],
        "name": Column[str],
        "service": Column[str],
        "origin": Column[str],
        "confidence": Column[str],
        "from": Column[str],
        "to": Column[str],
        "minor": Column[int],
        "points": Column[int],
        "lon": Column[int],
        "lat": Column[int],
    },
)
#: dependencies: indices of assets, and the basis of each, by its first letter
Dependencies = TypedDict(
    "Dependencies",
    {"from": Column[int], "to": Column[int], "service": Column[str], "basis": Column[str]},
)


class CellShapes(TypedDict):
    """Outlines of cells that are no points."""

    c: list[int]
    shape: list[Geometry]


class Cells(TypedDict):
    """Where people live, as far as ``people`` has it; places as those of assets."""

    id: list[str]
    people: Column[int]
    municipality: Column[str]
    #: how it is known who serves them: the least certain of all that do
    basis: Column[str]
    lon: Column[int]
    lat: Column[int]
    shapes: CellShapes


class Corridor(TypedDict):
    """Assets and links that one cause can fail together."""

    id: str
    name: str
    basis: str
    assets: list[str]
    links: list[str]


class Features(TypedDict):
    """The world as the page draws it."""

    id: str
    title: str
    snapshot_date: str
    attribution: str
    bbox: list[float]
    sha256: str
    states: list[str]
    sectors: list[Named]
    services: list[Service]
    types: list[AssetType]
    assets: Assets
    links: Links
    cells: Cells
    corridors: list[Corridor]
    dependencies: Dependencies
    #: layer of the base map → its address
    base: dict[str, str]
