"""How an asset is shown to people at one moment (model.md, "States shown to people")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.outcome import State, StateChange

if TYPE_CHECKING:
    from models.cascade.reference.engine import Engine, GroupState

_Shown = tuple[State, int | None, str | None]


def state_now(
    engine: Engine, asset: str, stuck: frozenset[str], locked: frozenset[str]
) -> StateChange:
    """Return the asset's state at the engine's hour, with the deadline that ends it."""
    delivered = min(
        [engine.level[asset], *(engine.delivered[n][asset] for n in engine.networks_at[asset])]
    )
    state, deadline, group = (
        _by_damage(engine, asset)
        or _by_groups(engine, asset, delivered, stuck)
        or _intact(engine, asset)
    )
    level, is_locked = engine.level[asset], state == "stuck" and asset in locked
    return StateChange(engine.now, state, level, delivered, deadline, group, is_locked)


def _by_damage(engine: Engine, asset: str) -> _Shown | None:
    """Direct damage says more than what else is missing."""
    if engine.own[asset] >= 1:
        return None
    if asset in engine.restart_at:
        return "restarting", engine.restart_at[asset], None
    if asset in engine.repair_at:
        return "under-repair", engine.repair_at[asset], None
    return ("failed-direct", None, None) if engine.own[asset] <= 0 else None


def _by_groups(
    engine: Engine, asset: str, delivered: float, stuck: frozenset[str]
) -> _Shown | None:
    if delivered >= 1:
        return None
    if asset in stuck:
        return "stuck", None, None
    lost = [s for s in engine.groups_of.get(asset, ()) if s.lost and s.group.loss > 0]
    if lost and all(state.restart_at is not None for state in lost):
        last = max(lost, key=lambda s: (s.restart_at or 0, s.group.group_id))
        return "restarting", last.restart_at, last.group.group_id
    if delivered <= 0:
        return "failed-cascade", None, None
    return ("degraded", *_first_end(engine, asset))


def _intact(engine: Engine, asset: str) -> _Shown:
    deadline, group = _first_end(engine, asset)
    if deadline is not None:
        return "backup", deadline, group
    return ("unknown" if asset in engine.world.hidden else "working"), None, None


def _first_end(engine: Engine, asset: str) -> tuple[int | None, str | None]:
    """Return when the first running buffer ends that would lower the asset, and its group."""
    running: list[tuple[int, str]] = [
        (ends, state.group.group_id)
        for state in engine.groups_of.get(asset, ())
        if (ends := state.ends_at) is not None and _hurts(engine, asset, state)
    ]
    return min(running, default=(None, None))


def _hurts(engine: Engine, asset: str, state: GroupState) -> bool:
    return engine.own[asset] * (1.0 - state.group.loss) < engine.level[asset]
