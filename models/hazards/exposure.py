"""What a field does to assets and links: intensity, damage, lost or not. Before any cascade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from models.errors import BadInputError
from models.hazards.curves import F64, Curve
from models.hazards.fields import Field
from models.hazards.kinds import factor_between
from models.hazards.lines import Pieces, lines_of, summary
from models.wording import _
from models.world import Asset, World

#: The curve of a hazard, intensity and type of asset (``link:SERVICE`` of links, ``*`` of all).
Defaults = Mapping[tuple[str, str, str], Curve]
#: Parts of bridges and in tunnels are not under the water that covers the ground.
STRUCTURES = frozenset({"bridge", "tunnel"})


@dataclass(frozen=True, slots=True)
class LossRules:
    """From when on something is lost in a single run; rows of a knowledge table.

    ``damage``: at this damage ratio; ``p``: where its state of loss is at least so likely.
    """

    damage: float
    p: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """One hazard of a scenario, as far as curves go: which act, and how intensity is meant.

    ``curves`` are by asset id, type, ``link:SERVICE``, service or ``*``; they go before the
    defaults. ``threshold`` stands in place of all curves. ``steps`` are the hours after the
    event's own at which the field becomes another, with that field, the first at 0.
    """

    hazard: str
    im: str
    unit: str
    steps: Sequence[tuple[float, Field]]
    threshold: float | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssetEffect:
    """What a field does to an asset at its most intense.

    ``after_h``: when it is lost; ``at_loss``: the intensity then, None if it is not.
    """

    asset_id: str
    intensity: float
    curve: Curve | None
    damage: float | None
    p_states: Mapping[str, float]
    p_lost: float
    lost: bool
    after_h: float = 0.0
    at_loss: float | None = None


@dataclass(frozen=True, slots=True)
class LinkEffect:
    """What a field does along a link; ``hit_m`` is where it is above the threshold.

    ``after_h``: when it is lost; ``at_loss``: the largest intensity then, None if it is not.
    """

    link_id: str
    max: float
    mean: float
    length_m: float
    hit_m: float
    curve: Curve | None
    p_lost: float
    lost: bool
    after_h: float = 0.0
    at_loss: float | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """What a field does to a world: only what it reaches is listed."""

    assets: tuple[AssetEffect, ...]
    links: tuple[LinkEffect, ...]


def effects_of(world: World, exposure: Exposure, defaults: Defaults, rules: LossRules) -> Effects:
    """Return what a hazard does to each asset and link, at its most intense.

    Parameters
    ----------
    world
        What stands where.
    exposure
        The hazard's fields and curves.
    defaults
        The curves of hazards and types for which the exposure names none.
    rules
        From when on something is lost.

    Raises
    ------
    BadInputError
        The field's unit cannot be turned into a curve's.
    """
    judge = _Judge(exposure, defaults, rules)
    return Effects(_assets(world, exposure, judge), _links(world, exposure, judge))


class _Judge:
    """Which curve acts on what, and what it says."""

    def __init__(self, exposure: Exposure, defaults: Defaults, rules: LossRules) -> None:
        self.exposure, self.defaults, self.rules = exposure, defaults, rules

    def curve(self, *names: str) -> Curve | None:
        """Return the first curve that is named, then the first default."""
        if self.exposure.threshold is not None:
            return None
        for name in (*names, "*"):
            if (found := self.exposure.curves.get(name)) is not None:
                return found
        kind = self.exposure.hazard, self.exposure.im
        return next((c for n in (*names, "*") if (c := self.defaults.get((*kind, n)))), None)

    def in_unit_of(self, curve: Curve, intensity: F64) -> F64:
        """Return intensities in the unit of a curve."""
        between = factor_between(self.exposure.unit, curve.unit)
        if between is None:
            text = _("unit '{unit}' cannot be turned into '{other}' of curve '{curve}'.")
            said = text.format(unit=self.exposure.unit, other=curve.unit, curve=curve.curve_id)
            raise BadInputError([said])
        return intensity * between[0] + between[1]

    def p_lost(self, curve: Curve | None, intensity: F64) -> F64:
        """Return how likely the loss is; 1 or 0 where a ratio or a threshold decides."""
        if curve is None:
            if self.exposure.threshold is None:
                return np.zeros(len(intensity))
            return (intensity >= self.exposure.threshold).astype(np.float64)
        im = self.in_unit_of(curve, intensity)
        if curve.kind == "states":
            state = curve.lost_state or curve.states[-1]
            return np.clip(np.nan_to_num(curve.responses[state](im)), 0.0, 1.0)
        damage = curve.damage(im)
        if damage is None or curve.derates or curve.is_rate:
            return np.zeros(len(intensity))
        return (damage >= self.rules.damage).astype(np.float64)

    def p_by_rate(self, curve: Curve, pieces: Pieces, links: int) -> F64:
        """Return how likely a line needs at least one repair, [links]."""
        (response,) = curve.responses.values()
        rate = response(self.in_unit_of(curve, pieces.intensity))
        expected = np.bincount(pieces.of, weights=rate * pieces.length_m / 1000.0, minlength=links)
        found: F64 = -np.expm1(-expected)
        return found


def _assets(world: World, exposure: Exposure, judge: _Judge) -> tuple[AssetEffect, ...]:
    assets = [world.assets[asset_id] for asset_id in world.listed]
    if exposure.hazard == "flood":
        spared = tuple(f"_{structure}" for structure in sorted(STRUCTURES))
        assets = [asset for asset in assets if not asset.asset_type.endswith(spared)]
    lon = np.array([asset.lon for asset in assets], dtype=np.float64)
    lat = np.array([asset.lat for asset in assets], dtype=np.float64)
    raised = _raised(assets, exposure)
    courses = [np.where((v := f.at(lon, lat)) > 0, np.maximum(v - raised, 0.0), v)
               for _, f in exposure.steps]  # fmt: skip
    course = np.array(courses).reshape(len(exposure.steps), len(assets))
    found: list[AssetEffect | None] = [None] * len(assets)
    by_curve: dict[str, tuple[Curve | None, list[int]]] = {}
    for n in np.flatnonzero((course != 0).any(axis=0)).tolist():
        curve = judge.curve(assets[n].asset_id, assets[n].asset_type)
        key = f"{curve.sheet}/{curve.curve_id}" if curve is not None else ""
        by_curve.setdefault(key, (curve, []))[1].append(n)
    for curve, some in by_curve.values():
        for n, effect in zip(some, _judged(judge, curve, course[:, some]), strict=True):
            found[n] = replace(effect, asset_id=assets[n].asset_id)
    return tuple(effect for effect in found if effect is not None)


def _judged(judge: _Judge, curve: Curve | None, course: F64) -> list[AssetEffect]:
    """Return what one curve makes of the courses of some assets, [steps, assets]."""
    most = course.max(axis=0)
    p = np.array([judge.p_lost(curve, row) for row in course])
    im = most if curve is None else judge.in_unit_of(curve, most)
    damage = None if curve is None else curve.damage(im)
    states = {} if curve is None else curve.p_states(im)
    lost = p.max(axis=0) >= judge.rules.p
    first = (p >= judge.rules.p).argmax(axis=0)
    return [
        AssetEffect(
            asset_id="",
            intensity=float(most[n]),
            curve=curve,
            damage=None if damage is None else float(damage[n]),
            p_states={state: float(values[n]) for state, values in states.items()},
            p_lost=float(p[:, n].max()),
            lost=bool(lost[n]),
            after_h=float(judge.exposure.steps[first[n]][0]) if lost[n] else 0.0,
            at_loss=float(course[first[n], n]) if lost[n] else None,
        )
        for n in range(course.shape[1])
    ]


def _raised(assets: Sequence[Asset], exposure: Exposure) -> F64:
    """Return how far above the ground assets stand, in the unit of the field."""
    between = factor_between("m", exposure.unit) if exposure.im == "depth" else None
    factor = between[0] if between is not None else 0.0
    return np.array([asset.plinth_height_m * factor for asset in assets], dtype=np.float64)


def _links(world: World, exposure: Exposure, judge: _Judge) -> tuple[LinkEffect, ...]:
    spared = STRUCTURES if exposure.hazard == "flood" else frozenset()
    links = [link for link in world.links.values() if link.structure not in spared]
    if not links:
        return ()
    lines = lines_of(world, [link.link_id for link in links])
    above = exposure.threshold if exposure.threshold is not None else 0.0
    steps = []
    for _hours, step in exposure.steps:
        pieces = step.along(lines)
        steps.append((pieces, summary(pieces, lines, above)))
    most = np.array([figures["max"] for _, figures in steps])
    top = most.argmax(axis=0)
    by_curve: dict[str, tuple[Curve | None, list[int]]] = {}
    for n in np.flatnonzero((most > 0).any(axis=0)).tolist():
        curve = judge.curve(links[n].link_id, f"link:{links[n].service}", links[n].service)
        key = f"{curve.sheet}/{curve.curve_id}" if curve is not None else ""
        by_curve.setdefault(key, (curve, []))[1].append(n)
    found: dict[int, LinkEffect] = {}
    for curve, some in by_curve.values():
        p = np.array([_p_of_links(judge, curve, step, len(links))[some] for step in steps])
        for k, n in enumerate(some):
            figures, lost = steps[top[n]][1], bool(p[:, k].max() >= judge.rules.p)
            first = int((p[:, k] >= judge.rules.p).argmax())
            found[n] = LinkEffect(
                link_id=links[n].link_id,
                **{name: float(values[n]) for name, values in figures.items()},
                curve=curve,
                p_lost=float(p[:, k].max()),
                lost=lost,
                after_h=exposure.steps[first][0] if lost else 0.0,
                at_loss=float(most[first, n]) if lost else None,
            )
    return tuple(found[n] for n in sorted(found))


def _p_of_links(
    judge: _Judge, curve: Curve | None, step: tuple[Pieces, Mapping[str, F64]], links: int
) -> F64:
    if curve is not None and curve.is_rate:
        return judge.p_by_rate(curve, step[0], links)
    return judge.p_lost(curve, step[1]["max"])
