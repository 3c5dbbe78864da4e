"""Worlds and outcomes as NGSI-LD entities (ETSI GS CIM 009), for context brokers.

The context stands in the file: nobody has to fetch one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shapely.geometry import mapping

from data.exchange.replacing import replacing
from data.ontology.vocabulary import ONT
from models.world import Asset, World

CONTEXT: dict[str, Any] = {
    "ngsi-ld": "https://uri.etsi.org/ngsi-ld/",
    "id": "@id",
    "type": "@type",
    "Property": "ngsi-ld:Property",
    "Relationship": "ngsi-ld:Relationship",
    "GeoProperty": "ngsi-ld:GeoProperty",
    "value": "ngsi-ld:hasValue",
    "object": {"@id": "ngsi-ld:hasObject", "@type": "@id"},
    "unitCode": "ngsi-ld:unitCode",
    "location": "ngsi-ld:location",
    "name": "https://uri.etsi.org/ngsi-ld/name",
    "Asset": f"{ONT}Asset",
    "assetType": f"{ONT}assetType",
    "sector": f"{ONT}sector",
    "operatedBy": f"{ONT}operatedBy",
    "needs": f"{ONT}needs",
    "tlp": f"{ONT}label",
    "level": f"{ONT}level",
    "state": f"{ONT}state",
}


def write_ngsi_ld(world: World, out: Path) -> None:
    """Write the assets of a world as entities."""
    _write([_entity(world, asset) for asset in world.assets.values()], out)


def write_outcome_ngsi_ld(world: World, outcome: Mapping[str, Any], out: Path) -> None:
    """Write the assets of a world with the level and state they end with.

    Parameters
    ----------
    world
        What the outcome is of.
    outcome
        Its plain form.
    out
        The file.
    """
    lost = outcome["assets"]
    entities = []
    for asset in world.assets.values():
        became = lost.get(asset.asset_id, {})
        entities.append(
            _entity(world, asset)
            | {
                "level": _property(became.get("level_end", 1.0)),
                "state": _property(became.get("state_end", "working")),
            }
        )
    _write(entities, out)


def _write(entities: list[dict[str, Any]], out: Path) -> None:
    with replacing(out) as made:
        text = json.dumps(entities, ensure_ascii=False, indent=1, allow_nan=False)
        made.write_text(text + "\n", encoding="utf-8")


def _entity(world: World, asset: Asset) -> dict[str, Any]:
    place: dict[str, Any] = {"type": "Point", "coordinates": [asset.lon, asset.lat]}
    if asset.geometry is not None:
        place = dict(mapping(asset.geometry))
    suppliers = sorted(
        {s.asset_id for g in world.groups_of.get(asset.asset_id, ()) for s in g.suppliers}
    )
    entity: dict[str, Any] = {
        "id": urn(world, asset.asset_id),
        "type": "Asset",
        "name": _property(asset.name or asset.asset_id),
        "location": {"type": "GeoProperty", "value": place},
        "assetType": _property(asset.asset_type),
        "sector": _property(asset.sector),
        "tlp": _property(f"TLP:{asset.tlp or 'CLEAR'}"),
    }
    if asset.operator:
        entity["operatedBy"] = _property(asset.operator)
    if suppliers:
        needed = [urn(world, supplier) for supplier in suppliers]
        entity["needs"] = {"type": "Relationship", "object": needed}
    return entity | {"@context": CONTEXT}


def urn(world: World, asset_id: str) -> str:
    """Return the id of an asset among all entities."""
    return f"urn:ngsi-ld:Asset:{quote(world.world_id, safe='')}:{quote(asset_id, safe='')}"


def _property(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}
