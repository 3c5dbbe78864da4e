"""From what a field does to the hits that the engines take."""

from __future__ import annotations

import numpy as np

from models.hazards.curves import Curve, Lognormal, Threshold, state_shares
from models.hazards.exposure import AssetEffect, Effects, LinkEffect
from models.hazards.kinds import KINDS, factor_between, unit_sign
from models.scenario import Event, Hit
from models.wording import _, number


def hits_of(event: Event, effects: Effects, unit: str) -> tuple[Hit, ...]:
    """Return what a hazard does to single assets and links: those it may break, or derate.

    Parameters
    ----------
    event
        The hazard.
    effects
        What its field does.
    unit
        Unit of the field's intensity, for the words.
    """
    found = [hit for asset in effects.assets if (hit := _of_asset(event, asset, unit)) is not None]
    for link in effects.links:
        if link.lost or link.p_lost > 0:
            words = _words(event, link, link.max, unit)
            found.append(Hit(link=link.link_id, after_h=link.after_h, p=link.p_lost,
                             happens=link.lost, words=words))  # fmt: skip
    return tuple(found)


def _of_asset(event: Event, effect: AssetEffect, unit: str) -> Hit | None:
    words = _words(event, effect, effect.intensity, unit)
    if effect.curve is not None and effect.curve.derates:
        gone = min(max(effect.damage or 0.0, 0.0), 1.0)
        if gone <= 0:
            return None
        return Hit(asset=effect.asset_id, to=1.0 - gone, lasts=False, words=words)
    if not effect.lost and effect.p_lost <= 0:
        return None
    return Hit(asset=effect.asset_id, after_h=effect.after_h, p=effect.p_lost, happens=effect.lost,
               repair_h=_repair_h(effect), repairs=_repairs(effect), words=words)  # fmt: skip


def _repair_h(effect: AssetEffect) -> float | None:
    """Return the middle of the repair time of the likeliest state that is a loss."""
    from models.hazards.curves import repair_h

    curve = effect.curve
    if curve is None or not curve.repair_d or not curve.states:
        return None
    worst = [s for s in curve.states if effect.p_states[s] >= 0.5 and s in curve.repair_d]
    state = worst[-1] if worst else curve.lost_state
    return repair_h(*curve.repair_d[state]) if state in curve.repair_d else None


def _repairs(effect: AssetEffect) -> tuple[tuple[float, float, float], ...]:
    """Return how likely each state of loss is once it is lost, and how long its repair takes."""
    curve = effect.curve
    if curve is None or not curve.repair_d or not curve.states or effect.p_lost <= 0:
        return ()
    first = curve.states.index(curve.lost_state or curve.states[-1])
    lost = curve.states[first:]
    if any(state not in curve.repair_d for state in lost):
        return ()
    shares = state_shares([np.array([effect.p_states[state]]) for state in lost])[1:]
    total = sum(float(share[0]) for share in shares)
    if total <= 0:
        return ()
    pairs = zip(lost, shares, strict=True)
    return tuple((float(share[0]) / total, *curve.repair_d[state]) for state, share in pairs)


def _words(event: Event, effect: AssetEffect | LinkEffect, intensity: float, unit: str) -> str:
    """Say what something meets, once it is lost by it, and what it stands."""
    intensity = intensity if effect.at_loss is None else effect.at_loss
    kind = KINDS.get(event.hazard or "")
    verb = _(kind.verb) if kind else _("exposed to")
    met = f"{verb} {_shown(intensity)} {unit_sign(unit)}".strip()
    stands = event.threshold if event.threshold is not None else _stands(effect.curve, unit)
    if stands is not None:
        limit = f"{_shown(stands)} {unit_sign(unit)}".strip()
        return _("{met}, above its {threshold} threshold").format(met=met, threshold=limit)
    if effect.curve is None:
        return met
    return _("{met}, by curve {curve}").format(met=met, curve=effect.curve.curve_id)


def _stands(curve: Curve | None, unit: str) -> float | None:
    """Return the intensity from which a curve's loss is more likely than not, where it says one."""
    if curve is None or not curve.lost_state:
        return None
    response = curve.responses[curve.lost_state]
    between = factor_between(curve.unit, unit)
    if between is None or not isinstance(response, Lognormal | Threshold):
        return None
    middle = response.median if isinstance(response, Lognormal) else response.at
    return middle * between[0] + between[1]


def _shown(value: float) -> str:
    """Return a number with as many of two decimals as it has."""
    digits = next(n for n in (0, 1, 2) if n == 2 or abs(value - round(value, n)) < 0.005)
    return number(value, digits)
