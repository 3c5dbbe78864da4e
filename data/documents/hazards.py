"""What fields do, as JSON and as lines: what the command ``hazard`` prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from data.hazards.opening import OpenedHazard
from models.criticality.redundancy import false_redundancies
from models.hazards.exposure import AssetEffect, LinkEffect
from models.world import World


def hazard_plain(opened: Sequence[OpenedHazard]) -> dict[str, Any]:
    """Return what each hazard does; of assets and links, those that a field reaches."""
    assets: dict[str, list[dict[str, Any]]] = defaultdict(list)
    links: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in opened:
        for asset in one.effects.assets:
            assets[asset.asset_id].append(_asset(one, asset))
        for link in one.effects.links:
            links[link.link_id].append(_link(one, link))
    return {
        "fields": [
            {
                "event": one.number,
                "hazard": one.exposure.hazard,
                "im": one.exposure.im,
                "unit": one.exposure.unit,
            }
            for one in opened
        ],
        "assets": {name: assets[name] for name in sorted(assets)},
        "links": {name: links[name] for name in sorted(links)},
        "totals": [_total(one) for one in opened],
    }


def redundancy_plain(world: World, opened: Sequence[OpenedHazard]) -> list[dict[str, Any]]:
    """Return the groups whose spare suppliers stand in one of these fields.

    Parameters
    ----------
    world
        The whole world.
    opened
        The hazards with what they do.
    """
    hit = {
        str(one.number): [asset.asset_id for asset in one.effects.assets if asset.lost]
        for one in opened
    }
    return [
        {
            "event": int(one.what),
            "group": one.group_id,
            "consumer": one.consumer_id,
            "service": one.service,
            "k": one.k,
            "n": one.n,
            "suppliers": list(one.suppliers),
            "people": one.people,
        }
        for one in false_redundancies(world, hit, upstream=False)
        if one.basis == "field"
    ]


def hazard_lines(opened: Sequence[OpenedHazard]) -> Iterator[str]:
    """Say in a line each what the hazards do."""
    for one in opened:
        total = _total(one)
        yield (
            f"events[{one.number}] {one.exposure.hazard}: {total['assets_lost']:,} assets and "
            f"{total['links_lost']:,} links lost, {total['hit_km']:,.2f} km of links hit"
        )


def _asset(one: OpenedHazard, effect: AssetEffect) -> dict[str, Any]:
    return {
        "event": one.number,
        "intensity": effect.intensity,
        "curve": effect.curve.curve_id if effect.curve is not None else None,
        "damage": effect.damage,
        "p_states": dict(effect.p_states),
        "p_lost": effect.p_lost,
        "lost": effect.lost,
        "after_h": effect.after_h,
    }


def _link(one: OpenedHazard, effect: LinkEffect) -> dict[str, Any]:
    return {
        "event": one.number,
        "max": effect.max,
        "mean": effect.mean,
        "length_m": effect.length_m,
        "hit_m": effect.hit_m,
        "curve": effect.curve.curve_id if effect.curve is not None else None,
        "p_lost": effect.p_lost,
        "lost": effect.lost,
        "after_h": effect.after_h,
    }


def _total(one: OpenedHazard) -> dict[str, Any]:
    return {
        "event": one.number,
        "assets_lost": sum(asset.lost for asset in one.effects.assets),
        "links_lost": sum(link.lost for link in one.effects.links),
        "hit_km": sum(link.hit_m for link in one.effects.links) / 1000.0,
    }
