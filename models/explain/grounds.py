"""What a result rests on: rules behind its losses, unknown needs, and order of restart."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from models.impact.consequences import direct_hits
from models.outcome import Outcome
from models.world import World


@dataclass(frozen=True, slots=True)
class Ground:
    """One origin (rule, declaration or assumption) of losses, with its confidence."""

    origin: str
    service: str
    confidence: str
    losses: int
    autonomy_h: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A service that some assets of a type need from an unknown supplier."""

    asset_type: str
    service: str
    assets: int
    hides_state: bool


@dataclass(frozen=True, slots=True)
class Wave:
    """Assets that return only after those of earlier waves; wave 0 was hit directly."""

    order: int
    assets: tuple[str, ...]


def grounds(world: World, outcome: Outcome) -> tuple[Ground, ...]:
    """Return the origins of the losses of an outcome, those of most losses first."""
    counts: Counter[tuple[str, str, str]] = Counter()
    hours: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for row in outcome.trace:
        group = world.groups.get(row.group or "")
        if group is None or row.after >= row.before or row.asset not in world.place_of:
            continue
        key = (group.origin, group.service, group.confidence)
        counts[key] += 1
        hours[key].append(group.autonomy_h)
    ranked = sorted(counts, key=lambda key: (-counts[key], key))
    return tuple(Ground(*key, counts[key], (min(hours[key]), max(hours[key]))) for key in ranked)


def unknowns(world: World) -> tuple[Unknown, ...]:
    """Return the needs with unknown suppliers, those that hide most states first."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    for need in world.unknown_needs:
        asset = world.assets.get(need.asset_id)
        if asset is not None and not asset.is_junction:
            counts[asset.asset_type, need.service, need.hides_state] += 1
    ranked = sorted(counts, key=lambda key: (not key[2], -counts[key], key))
    return tuple(Unknown(kind, service, counts[kind, service, hides], hides)
                 for kind, service, hides in ranked)  # fmt: skip


def waves(world: World, outcome: Outcome, at_ms: int) -> tuple[Wave, ...]:
    """Return the assets below full at an hour, by wave of return.

    Parameters
    ----------
    world, outcome
        The world, and the outcome of a scenario in it.
    at_ms
        The hour, in ms.
    """
    hits = direct_hits(outcome)
    by_time: dict[int, list[str]] = defaultdict(list)
    for asset, became in outcome.assets.items():
        past = [c for c in outcome.states.get(asset, ()) if c.t_ms <= at_ms]
        if asset in world.place_of and past and past[-1].delivered < 1.0:
            by_time[0 if asset in hits else max(1, became.order)].append(asset)
    return tuple(Wave(order, tuple(by_time[order])) for order in sorted(by_time))


def returns(world: World, outcome: Outcome) -> tuple[tuple[int, str], ...]:
    """Return when each lost asset is fully and finally back, in order of time."""
    rows = []
    for asset in outcome.assets:
        changes = outcome.states.get(asset, ())
        if asset not in world.place_of or not changes or changes[-1].delivered < 1.0:
            continue
        back = next(
            c for n, c in enumerate(changes) if all(x.delivered >= 1.0 for x in changes[n:])
        )
        rows.append((back.t_ms, outcome.assets[asset].order, asset))
    return tuple((t, asset) for t, _, asset in sorted(rows))
