"""What a result rests on: rules behind its losses, what nobody knows, what must restart first."""

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
    """A service that so many assets of a type need while nobody has told us from whom."""

    asset_type: str
    service: str
    assets: int
    hides_state: bool


@dataclass(frozen=True, slots=True)
class Wave:
    """Assets that can only be back once those of the waves before are; wave 0 was hit itself."""

    order: int
    assets: tuple[str, ...]


def grounds(world: World, outcome: Outcome) -> tuple[Ground, ...]:
    """Return what the losses of an outcome rest on, what carries most of them first."""
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
    """Return the needs that nobody has told us the supplier of, those that hide most first."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    for need in world.unknown_needs:
        asset = world.assets.get(need.asset_id)
        if asset is not None and not asset.is_junction:
            counts[asset.asset_type, need.service, need.hides_state] += 1
    ranked = sorted(counts, key=lambda key: (not key[2], -counts[key], key))
    return tuple(Unknown(kind, service, counts[kind, service, hides], hides)
                 for kind, service, hides in ranked)  # fmt: skip


def waves(world: World, outcome: Outcome, at_ms: int) -> tuple[Wave, ...]:
    """Return what is below full at an hour, by how many things must be back before it.

    Parameters
    ----------
    world, outcome
        The world, and what came of a scenario in it.
    at_ms
        The hour that is looked at, in ms.
    """
    hits = direct_hits(outcome)
    by_time: dict[int, list[str]] = defaultdict(list)
    for asset, became in outcome.assets.items():
        past = [c for c in outcome.states.get(asset, ()) if c.t_ms <= at_ms]
        if asset in world.place_of and past and past[-1].delivered < 1.0:
            by_time[0 if asset in hits else max(1, became.order)].append(asset)
    return tuple(Wave(order, tuple(by_time[order])) for order in sorted(by_time))


def returns(world: World, outcome: Outcome) -> tuple[tuple[int, str], ...]:
    """Return when what was lost is fully back for good, in the order of coming back."""
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
