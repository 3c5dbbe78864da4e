"""Asset type of an OpenStreetMap element, by the tag expressions of ``sectors.csv``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from data.knowledge.reader import AssetType, asset_types
from models.knowledge.expressions import parse

#: OpenStreetMap's lifecycle prefixes: such elements do not exist any more, or not yet.
LIFECYCLE = ("disused", "abandoned", "construction", "demolished", "proposed", "planned", "razed")
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


def is_in_use(tags: Mapping[str, str]) -> bool:
    """Whether no lifecycle prefix or value marks the element as gone or not yet built."""
    values = {tags.get(key) for key in ("power", "railway", "highway", "landuse", "building")}
    return not values & set(LIFECYCLE) and not any(tags.get(state) == "yes" for state in LIFECYCLE)


def needs_review(tags: Mapping[str, str]) -> bool:
    """Whether the tags leave the type open."""
    return AMBIGUOUS.holds(tags)
