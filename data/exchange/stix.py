"""Worlds as STIX 2.1 bundles, every object marked by the Traffic Light Protocol 2.0.

Operators are identities, assets infrastructure, dependencies relationships of the type
``depends-on``. Ids are made of the world's own, so that the same world gives the same bundle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from data.exchange.replacing import replacing
from data.knowledge import reader as knowledge
from models.access import LABELS
from models.world import Asset, World

#: Names this project's ids among all others (a UUID of version 5 needs one).
SPACE = UUID("6f3c1f0e-1d0b-5a51-9a53-2c4c3e1b7a10")
#: Where a world states no date: ids and times must not depend on the clock.
FIXED_DATE = "2000-01-01"
#: OASIS' extension definition and marking definitions of TLP 2.0.
TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_MARKINGS = {
    "CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
#: When OASIS made them; a marking is the same object for everybody.
TLP_CREATED = "2022-10-01T00:00:00.000Z"
#: Our display sectors in STIX' vocabulary of industry sectors.
INDUSTRY = {
    "energy": "energy",
    "water": "water",
    "telecom": "telecommunications",
    "health": "healthcare",
    "transport": "transportation",
    "food": "agriculture",
    "finance": "financial-services",
    "public": "government",
}


def write_stix(world: World, out: Path) -> None:
    """Write a world as a bundle."""
    with replacing(out) as made:
        text = json.dumps(bundle(world), ensure_ascii=False, indent=1, allow_nan=False)
        made.write_text(text + "\n", encoding="utf-8")


def write_outcome_stix(world: World, outcome: Mapping[str, Any], out: Path) -> None:
    """Write a world as a bundle with a report on what one run of it lost.

    Parameters
    ----------
    world
        What the outcome is of.
    outcome
        Its plain form.
    out
        The file.
    """
    made_of = bundle(world)
    lost = [asset for asset in world.assets if asset in outcome["assets"]]
    label = max(
        (world.assets[asset].tlp or "CLEAR" for asset in lost), key=LABELS.index, default="CLEAR"
    )
    report = _object(world, "report", (str(outcome.get("run_id", "")),), label)
    people = outcome.get("people_distinct", {})
    made_of["objects"].append(
        report
        | {
            "name": f"{world.title}: {len(lost):,} assets lost or impaired in a computed run",
            "description": f"At most {people.get('peak', 0):,} people lack a service. Computed, "
            "not observed.",
            "published": report["created"],
            "report_types": ["x-computed-cascade"],
            "object_refs": [_id(world, "infrastructure", asset) for asset in lost]
            or [TLP_MARKINGS["CLEAR"]],
        }
    )
    with replacing(out) as made:
        text = json.dumps(made_of, ensure_ascii=False, indent=1, allow_nan=False)
        made.write_text(text + "\n", encoding="utf-8")


def bundle(world: World) -> dict[str, Any]:
    """Return a world as a STIX 2.1 bundle."""
    objects = list(_objects(world))
    return {"type": "bundle", "id": _id(world, "bundle", world.sha256), "objects": objects}


def _id(world: World, kind: str, *names: str) -> str:
    name = "\x1f".join((world.world_id, kind, *names))
    return f"{kind}--{uuid5(SPACE, name)}"


def _objects(world: World) -> Iterator[dict[str, Any]]:
    operators: dict[str, set[str]] = {}
    for asset in world.assets.values():
        if asset.operator:
            operators.setdefault(asset.operator, set()).add(asset.sector)
    for label in LABELS:
        yield {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": TLP_MARKINGS[label],
            "created": TLP_CREATED,
            "name": f"TLP:{label}",
            "extensions": {
                TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": label.lower()}
            },
        }
    for name, sectors in sorted(operators.items()):
        named = sorted({INDUSTRY[sector] for sector in sectors if sector in INDUSTRY})
        yield _object(world, "identity", (name,), "CLEAR") | {
            "name": name,
            "identity_class": "organization",
            **({"sectors": named} if named else {}),
        }
    types = knowledge.asset_types()
    for asset in world.assets.values():
        kind = types.get(asset.asset_type)
        yield _infrastructure(world, asset, kind.label if kind else asset.asset_type)
    yield from _relationships(world)


def _object(world: World, kind: str, names: tuple[str, ...], label: str) -> dict[str, Any]:
    when = f"{world.snapshot_date[:10] or FIXED_DATE}T00:00:00.000Z"
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": _id(world, kind, *names),
        "created": when,
        "modified": when,
        "object_marking_refs": [TLP_MARKINGS[label]],
    }


def _infrastructure(world: World, asset: Asset, kind: str) -> dict[str, Any]:
    head = _object(world, "infrastructure", (asset.asset_id,), asset.tlp or "CLEAR")
    if asset.operator:
        head["created_by_ref"] = _id(world, "identity", asset.operator)
    stated = {
        "x_knockon_asset_id": asset.asset_id,
        "x_knockon_asset_type": asset.asset_type,
        "x_knockon_sector": asset.sector,
        "x_knockon_product": asset.product,
        "x_knockon_latitude": asset.lat,
        "x_knockon_longitude": asset.lon,
    }
    return head | {
        "name": asset.name or asset.asset_id,
        "description": kind,
        **{name: value for name, value in stated.items() if value != ""},
    }


def _relationships(world: World) -> Iterator[dict[str, Any]]:
    for group in world.groups.values():
        consumer = world.assets[group.consumer_id]
        for supplier in group.suppliers:
            other = world.assets[supplier.asset_id]
            # a relation inherits the closest label of what it joins
            label = max(consumer.tlp or "CLEAR", other.tlp or "CLEAR", key=LABELS.index)
            yield _object(world, "relationship", (group.group_id, supplier.asset_id), label) | {
                "relationship_type": "depends-on",
                "source_ref": _id(world, "infrastructure", group.consumer_id),
                "target_ref": _id(world, "infrastructure", supplier.asset_id),
                "description": f"needs {group.service}, {group.k} of {len(group.suppliers)}",
                "x_knockon_service": group.service,
                "x_knockon_group": group.group_id,
                "x_knockon_k": group.k,
                "x_knockon_autonomy_h": group.autonomy_h,
            }
