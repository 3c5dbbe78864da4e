"""Asset type of an OpenStreetMap element, by the tag expressions of ``sectors.csv``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from data.knowledge.reader import AssetType, asset_types
from models.knowledge.expressions import Condition, parse

#: OpenStreetMap's lifecycle prefixes: such elements do not exist any more, or not yet.
LIFECYCLE = ("disused", "abandoned", "construction", "demolished", "proposed", "planned", "razed")
#: Types that are links, roles of other assets or demand, never an asset of their own.
ROLES = frozenset((
    "power_tower", "power_line_ehv", "power_line_hv", "power_line_mv", "power_cable",
    "road_motorway", "road_primary", "road_bridge", "road_tunnel", "rail_line", "rail_bridge",
    "rail_tunnel", "heat_pipeline", "gas_pipeline", "oil_pipeline", "water_main", "fibre_line",
    "submarine_cable", "population_zone", "industrial_demand",
))  # fmt: skip
#: Tags that do not settle the type: a person should look. A communication tower need not be a
#: mobile site.
AMBIGUOUS = parse(
    "man_made=pumping_station|man_made=mast|man_made=regulating station|telecom=*"
    "|man_made=tower&tower:type=communication&communication:mobile_phone!=yes"
)


def classify(tags: Mapping[str, str], types: Iterable[AssetType] | None = None) -> AssetType | None:
    """Return the type with the highest ``match_priority`` (ties: file order), or None."""
    if not is_in_use(tags):
        return None
    candidates = asset_types().values() if types is None else types
    matches = [t for t in candidates if t.tags.holds(tags)]
    return max(matches, key=lambda t: t.priority, default=None)


#: Keys that so many elements have that another condition tells more.
COMMON = frozenset(("building", "highway", "landuse"))


class Classifier:
    """The same as :func:`classify`, for many elements: only types that can hold are asked.

    Every alternative of a type's expression is filed under one tag or key that it cannot do
    without.
    """

    def __init__(self, types: Iterable[AssetType] | None = None) -> None:
        self.types = tuple(asset_types().values() if types is None else types)
        self._by_tag: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_key: dict[str, list[int]] = defaultdict(list)
        for row, kind in enumerate(self.types):
            for joined in kind.tags.alternatives:
                self._file(row, joined)

    def _file(self, row: int, joined: tuple[Condition, ...]) -> None:
        stated = [c for c in joined if c.operator == "=" and c.value != "*"]
        if stated:
            condition = next((c for c in stated if c.key not in COMMON), stated[0])
            self._by_tag[condition.key, condition.value].append(row)
            return
        needed = next((c for c in joined if c.operator != "!="), None)
        if needed is None:
            raise ValueError("an alternative without any tag that must be there holds everywhere")
        self._by_key[needed.key].append(row)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys without which nothing is an asset."""
        return tuple(sorted({key for key, _ in self._by_tag} | set(self._by_key)))

    def __call__(self, tags: Mapping[str, str]) -> AssetType | None:
        """Return the type with the highest ``match_priority`` (ties: file order), or None."""
        rows: set[int] = set()
        for key, value in tags.items():
            if key in self._by_key:
                rows.update(self._by_key[key])
            if (key, value) in self._by_tag:
                rows.update(self._by_tag[key, value])
            elif ";" in value:
                for part in value.split(";"):
                    rows.update(self._by_tag.get((key, part.strip()), ()))
        if not rows:
            return None
        matches = [self.types[row] for row in sorted(rows) if self.types[row].tags.holds(tags)]
        if not matches or not is_in_use(tags):
            return None
        return max(matches, key=lambda t: t.priority)


def is_in_use(tags: Mapping[str, str]) -> bool:
    """Whether no lifecycle prefix or value marks the element as gone or not yet built."""
    values = {tags.get(key) for key in ("power", "railway", "highway", "landuse", "building")}
    return not values & set(LIFECYCLE) and not any(tags.get(state) == "yes" for state in LIFECYCLE)


def needs_review(tags: Mapping[str, str]) -> bool:
    """Whether the tags leave the type open."""
    return AMBIGUOUS.holds(tags)
