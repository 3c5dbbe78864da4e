"""Threat intelligence as what-ifs: a STIX 2.1 bundle or a MISP event names what may fail.

Nothing is decided here: every asset that a product, operator or sector in the file points to is
proposed as an event of a scenario, with the object that named it as the reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.knowledge.synonyms import meanings
from data.worlds.json_text import read_checked
from models.access import LABELS
from models.errors import BadInputError
from models.scenario import MAX_EVENTS, Event, Scenario
from models.world import Asset, World

MAX_BYTES = 200_000_000
MAX_OBJECTS = 500_000
#: A note of an event holds at most so much of a reason.
MAX_REASON = 400
#: What STIX and MISP call sectors that our synonyms do not have.
_SECTORS = {
    "electric": "energy",
    "water and wastewater": "water",
    "telecommunications": "telecom",
    "communications": "telecom",
    "healthcare": "health",
    "transportation": "transport",
    "agriculture": "food",
    "government": "public",
    "financial services": "finance",
    "banking": "finance",
    "financial": "finance",
    "drinking water": "water",
    "waste water": "water",
    "digital infrastructure": "telecom",
    "public administration": "public",
}
#: Types of objects that can name a product; relations and reports only tie them together.
_NAMING = ("vulnerability", "malware", "software", "tool", "infrastructure", "indicator",
           "attack-pattern", "x-mitre-asset", "campaign", "incident")  # fmt: skip
_MISP_TAG = re.compile(r'sector[^=]*="([^"]+)"$', re.IGNORECASE)
_TLP_TAG = re.compile(r"^tlp:([a-z+]+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clue:
    """What one object of the file says: a text to look for products and operators in, sectors."""

    name: str
    text: str
    sectors: tuple[str, ...]
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A scenario that threat intelligence suggests, and what was read."""

    scenario: Scenario
    label: str
    clues: int
    reasons: Mapping[str, str]
    left_out: int


def propose(path: Path, world: World) -> Proposal:
    """Return the what-if that a bundle or event suggests for a world.

    Raises
    ------
    BadInputError
        If the file is neither, or too large.
    """
    label, clues = read_checked(path, MAX_BYTES, _clues)
    reasons: dict[str, str] = {}
    for asset in world.assets.values():
        if not asset.is_junction and (reason := _reason(asset, clues)):
            reasons[asset.asset_id] = reason[:MAX_REASON]
    taken = dict(list(reasons.items())[:MAX_EVENTS])
    events = tuple(Event(0.0, "fail", asset, note=why) for asset, why in taken.items())
    title = f"What if: {path.stem}"[:200]
    note = f"TLP:{label}. Proposed from {path.name}; nobody has decided that this happens."
    scenario = Scenario(world.world_id, events, title=title, note=note)
    return Proposal(scenario, label, len(clues), taken, len(reasons) - len(taken))


def _clues(plain: object) -> tuple[str, list[Clue]]:
    if isinstance(plain, dict) and plain.get("type") == "bundle":
        objects = plain.get("objects", [])
        if not isinstance(objects, list):
            raise BadInputError(["objects: not a list."])
        if len(objects) > MAX_OBJECTS:
            raise BadInputError([f"objects: {len(objects):,}; at most {MAX_OBJECTS:,} are read."])
        known = [object_ for object_ in objects if isinstance(object_, dict)]
        return _stix_label(known), list(_stix_clues(known))
    event = plain.get("Event") if isinstance(plain, dict) else None
    if isinstance(event, dict):
        return _misp_label(event), list(_misp_clues(event))
    raise BadInputError(["neither a STIX 2.1 bundle nor a MISP event."])


# --- STIX ------------------------------------------------------------------------------------


def _stix_clues(objects: list[dict[str, Any]]) -> Iterator[Clue]:
    for object_ in objects:
        if object_.get("revoked") is True or object_.get("x_mitre_deprecated") is True:
            continue
        kind = object_.get("type")
        sectors = (*_texts(object_.get("sectors")), *_texts(object_.get("x_mitre_sectors")))
        if kind == "identity" and sectors:
            yield Clue(
                _text(object_.get("name")) or "identity", _text(object_.get("name")), sectors
            )
        elif kind in _NAMING:
            named = [_text(object_.get(key)) for key in ("name", "vendor", "product", "cpe",
                                                     "description", "pattern")]  # fmt: skip
            named += [*_texts(object_.get("aliases")), *_texts(object_.get("x_mitre_aliases"))]
            named += [
                _text(part.get("name")) for part in object_.get("x_mitre_related_assets", ())
                if isinstance(part, dict)
            ]  # fmt: skip
            version = _text(object_.get("version"))
            name = f"{kind} {_text(object_.get('name'))}".strip()
            yield Clue(name, "\n".join(named), sectors, (version,) if version else ())


def _stix_label(objects: list[dict[str, Any]]) -> str:
    """Return the closest label that any object of the file carries; AMBER where none does."""
    found = []
    for object_ in objects:
        if object_.get("type") != "marking-definition":
            continue
        texts = [_text(object_.get("name"))]
        definition = object_.get("definition")
        if isinstance(definition, dict):
            texts.append(f"TLP:{_text(definition.get('tlp'))}")
        extensions = object_.get("extensions")
        stated = extensions.values() if isinstance(extensions, dict) else ()
        texts += [f"TLP:{_text(x.get('tlp_2_0'))}" for x in stated if isinstance(x, dict)]
        found += [label for text in texts if (label := _label(text))]
    return max(found, key=LABELS.index, default="AMBER")


# --- MISP ------------------------------------------------------------------------------------


def _misp_clues(event: dict[str, Any]) -> Iterator[Clue]:
    tags = [_text(tag.get("name")) for tag in _objects(event.get("Tag"))]
    sectors = tuple(match.group(1) for tag in tags if (match := _MISP_TAG.search(tag)))
    yield Clue("event", _text(event.get("info")), sectors)
    attributes = list(_objects(event.get("Attribute")))
    for thing in _objects(event.get("Object")):
        attributes += _objects(thing.get("Attribute"))
    for attribute in attributes:
        named = f"{_text(attribute.get('type'))} {_text(attribute.get('value'))}".strip()
        yield Clue(named, f"{_text(attribute.get('value'))}\n{_text(attribute.get('comment'))}", ())


def _misp_label(event: dict[str, Any]) -> str:
    tags = [_text(tag.get("name")) for tag in _objects(event.get("Tag"))]
    found = [label for tag in tags if _TLP_TAG.match(tag) and (label := _label(tag))]
    return max(found, key=LABELS.index, default="AMBER")


# --- matching --------------------------------------------------------------------------------


def _reason(asset: Asset, clues: list[Clue]) -> str:
    """Return why a file points to an asset; empty where it does not."""
    product, operator = _folded(asset.product), _folded(asset.operator)
    for clue in clues:
        text = _folded(clue.text)
        if product and _holds(text, product):
            return f"{clue.name} names the product {asset.product}"
        if product and clue.versions and _same_version(product, text, clue):
            return f"{clue.name} {clue.versions[0]} is the product {asset.product}"
        if operator and _holds(text, operator):
            return f"{clue.name} names the operator {asset.operator}"
    for clue in clues:
        for sector in clue.sectors:
            if asset.sector in _sectors(sector):
                return f"{clue.name} names the sector {sector}"
    return ""


def _same_version(product: str, text: str, clue: Clue) -> bool:
    """Tell whether a product is what an object names, without its version, in that version."""
    version = _folded(clue.versions[0])
    if not _holds(product, version):
        return False
    bare = " ".join(product.replace(version, " ").split())
    return bool(bare) and _holds(text, bare)


def _sectors(word: str) -> tuple[str, ...]:
    plain = word.casefold().replace("-", " ").replace("_", " ").strip()
    known = _SECTORS.get(plain)
    return (known,) if known else (plain, *meanings("sector", plain))


def _holds(text: str, words: str) -> bool:
    return bool(words) and f" {words} " in f" {text} "


def _folded(text: str) -> str:
    """Return a text's letters and digits in small letters, one blank between words."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+(?:\.[^\W_]+)*", plain))


def _label(text: str) -> str:
    """Return the label of 'TLP:AMBER'; TLP 1.0's WHITE is CLEAR."""
    name = text.strip().upper().removeprefix("TLP:").removeprefix("TLP-")
    name = "CLEAR" if name == "WHITE" else name
    return name if name in LABELS else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()
