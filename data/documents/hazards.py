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
    for hazard in opened:
        for asset in hazard.effects.assets:
            assets[asset.asset_id].append(_asset(hazard, asset))
        for link in hazard.effects.links:
            links[link.link_id].append(_link(hazard, link))
    return {
        "fields": [
            {
                "event": hazard.number,
                "hazard": hazard.exposure.hazard,
                "im": hazard.exposure.im,
                "unit": hazard.exposure.unit,
            }
            for hazard in opened
        ],
        "assets": {name: assets[name] for name in sorted(assets)},
        "links": {name: links[name] for name in sorted(links)},
        "totals": [_total(hazard) for hazard in opened],
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
        str(hazard.number): [asset.asset_id for asset in hazard.effects.assets if asset.lost]
        for hazard in opened
    }
    return [
        {
            "event": int(finding.what),
            "group": finding.group_id,
            "consumer": finding.consumer_id,
            "service": finding.service,
            "k": finding.k,
            "n": finding.n,
            "suppliers": list(finding.suppliers),
            "people": finding.people,
        }
        for finding in false_redundancies(world, hit, upstream=False)
        if finding.basis == "field"
    ]


def hazard_lines(opened: Sequence[OpenedHazard]) -> Iterator[str]:
    """Say in a line each what the hazards do."""
    for hazard in opened:
        total = _total(hazard)
        yield (
            f"events[{hazard.number}] {hazard.exposure.hazard}: {total['assets_lost']:,} assets "
            f"and {total['links_lost']:,} links lost, {total['hit_km']:,.2f} km of links hit"
        )


def _asset(hazard: OpenedHazard, effect: AssetEffect) -> dict[str, Any]:
    return {
        "event": hazard.number,
        "intensity": effect.intensity,
        "curve": effect.curve.curve_id if effect.curve is not None else None,
        "damage": effect.damage,
        "p_states": dict(effect.p_states),
        "p_lost": effect.p_lost,
        "lost": effect.lost,
        "after_h": effect.after_h,
    }


def _link(hazard: OpenedHazard, effect: LinkEffect) -> dict[str, Any]:
    return {
        "event": hazard.number,
        "max": effect.max,
        "mean": effect.mean,
        "length_m": effect.length_m,
        "hit_m": effect.hit_m,
        "curve": effect.curve.curve_id if effect.curve is not None else None,
        "p_lost": effect.p_lost,
        "lost": effect.lost,
        "after_h": effect.after_h,
    }


def _total(hazard: OpenedHazard) -> dict[str, Any]:
    return {
        "event": hazard.number,
        "assets_lost": sum(asset.lost for asset in hazard.effects.assets),
        "links_lost": sum(link.lost for link in hazard.effects.links),
        "hit_km": sum(link.hit_m for link in hazard.effects.links) / 1000.0,
    }
