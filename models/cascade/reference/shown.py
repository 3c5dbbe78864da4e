"""The state displayed for an asset at one moment (model.md, "States shown to people")."""

from __future__ import annotations

from models.cascade.reference.state import GroupState, WorldState
from models.outcome import State, StateChange

_Shown = tuple[State, int | None, str | None]


def state_now(
    now: WorldState, asset: str, stuck: frozenset[str], locked: frozenset[str]
) -> StateChange:
    """Return the displayed state of an asset, with the deadline that ends it.

    Parameters
    ----------
    now
        The world at this moment.
    asset
        Its id.
    stuck
        The ids of assets that cannot come back by themselves.
    locked
        Those of them that wait for each other.
    """
    delivered = min([now.level[asset], *(now.delivered[n][asset] for n in now.networks_at[asset])])
    state, deadline, group = (
        _by_damage(now, asset) or _by_groups(now, asset, delivered, stuck) or _intact(now, asset)
    )
    level, is_locked = now.level[asset], state == "stuck" and asset in locked
    return StateChange(now.t, state, level, delivered, deadline, group, is_locked)


def _by_damage(now: WorldState, asset: str) -> _Shown | None:
    """Return the state by direct damage, which takes precedence over missing inputs."""
    if now.own[asset] >= 1:
        return None
    if asset in now.restart_at:
        return "restarting", now.restart_at[asset], None
    if asset in now.repair_at:
        return "under-repair", now.repair_at[asset], None
    return ("failed-direct", None, None) if now.own[asset] <= 0 else None


def _by_groups(
    now: WorldState, asset: str, delivered: float, stuck: frozenset[str]
) -> _Shown | None:
    if delivered >= 1:
        return None
    if asset in stuck:
        return "stuck", None, None
    lost = [s for s in now.groups_of.get(asset, ()) if s.lost and s.group.loss > 0]
    if lost and all(state.restart_at is not None for state in lost):
        last = max(lost, key=lambda s: (s.restart_at or 0, s.group.group_id))
        return "restarting", last.restart_at, last.group.group_id
    if delivered <= 0:
        return "failed-cascade", None, None
    return ("degraded", *_first_end(now, asset))


def _intact(now: WorldState, asset: str) -> _Shown:
    deadline, group = _first_end(now, asset)
    if deadline is not None:
        return "backup", deadline, group
    return ("unknown" if asset in now.world.hidden else "working"), None, None


def _first_end(now: WorldState, asset: str) -> tuple[int | None, str | None]:
    """Return when the first running buffer ends that would lower the asset, and its group."""
    running: list[tuple[int, str]] = [
        (ends, state.group.group_id)
        for state in now.groups_of.get(asset, ())
        if (ends := state.ends_at) is not None and _hurts(now, asset, state)
    ]
    return min(running, default=(None, None))


def _hurts(now: WorldState, asset: str, state: GroupState) -> bool:
    return now.own[asset] * (1.0 - state.group.loss) < now.level[asset]
