"""What if this fails, too? Losses of one more knock-out in addition to a scenario's."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from models.cascade.arrays import I32, Array
from models.cascade.timed.arrays import EVENT
from models.cascade.timed.prepared import prepare
from models.cascade.timed.stand import stand_at
from models.criticality.homes import homes_of, no_lack
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import World

#: More runs than this are refused: they would take too long for a user to wait.
MOST_RUNS = 150_000


@dataclass(frozen=True, slots=True)
class Things:
    """Assets and links that one cause knocks out together."""

    assets: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Extra:
    """Losses in addition to those of the scenario, up to its horizon.

    ``lost``: numbers of the assets ever below full with it and never
    without; junctions do not count. ``people`` who lack a service at the worst moment, each counted
    once, whatever they lack; ``person_hours`` of these people.
    """

    lost: I32
    people: int
    person_hours: float


class Baseline:
    """A scenario solved up to an hour, and the losses of further knock-outs at that hour.

    The scenario is solved once. Each query continues from just before the hour and undoes its
    changes, so its cost is that of what happens from then on. At 0 h, if the scenario only fails
    things and nothing can return yet, it continues from just after its events: losses do not
    depend on their order, so the scenario's own losses need not be computed again.

    Parameters
    ----------
    shown, besides
        Only the assets ``shown`` (None: all) and services not in ``besides`` count in results;
        all of them are computed.

    Raises
    ------
    UnknownIdError
        If the scenario names what the world does not have.
    """

    def __init__(
        self,
        world: World,
        scenario: Scenario,
        at_h: float,
        shown: Container[str] | None = None,
        besides: Container[str] = (),
    ) -> None:
        root = prepare(world, scenario.measures)
        self.arrays = root.arrays
        self._at_ms, self._horizon_ms = to_ms(at_h), to_ms(scenario.horizon_h)
        self._typical = scenario.repairs == "typical"
        since = min(self._at_ms, self._horizon_ms) + _is_over(scenario.events, self._at_ms)
        table = root.table(scenario.events)
        here = stand_at(root, table, since, typical=self._typical)
        self._here, rest = here.prepared, here.rest
        now = np.searchsorted(rest["t"], self._at_ms, side="right")
        self._now, self._later = rest[:now], rest[now:]
        self._mended = _last_repairs(scenario.events)
        listed = [not world.assets[a].is_junction for a in root.arrays.ids]
        seen = [shown is None or a in shown for a in root.arrays.ids]
        self._counted = np.array(listed) & np.array(seen)
        self._homes = homes_of(world, root, besides)
        self._lack = no_lack(self._homes)
        self._start()

    def _start(self) -> None:
        """Compute the scenario's own losses, before the hour and from then on."""
        from models.criticality.homes_kernels import follow

        before = self._here.settled_ref, self._homes, self._lack, self._counted
        lost, _, _ = follow(*before, 0, self._horizon_ms, True)
        self._counted[lost] = False
        if self._at_ms == 0:  # this instant is not over yet
            self._lack.people[1] = 0.0
        later, self._people, self._hours = self._run(Things())
        self._counted[later] = False

    def beyond(self, things: Things) -> Extra:
        """Return the additional losses if these are knocked out at the hour, too.

        Raises
        ------
        UnknownIdError
            If one of them is not in the world.
        """
        lost, people, hours = self._run(things)
        # rounded to a millionth: the rest is rounding error
        return Extra(lost, people - self._people, round(hours - self._hours, 6) + 0.0)

    def _run(self, things: Things) -> tuple[I32, int, float]:
        """Return the counted assets that fall, peak people, and person-hours from here on."""
        from models.criticality.homes_kernels import follow

        here, horizon = self._here, self._horizon_ms
        table = self._with(self._hits(things))
        first = here.settled.tally[0]["rows"]
        with here.run_state(tracing=False) as state:
            state.play(table, self._typical, horizon)
            figures = state.ref, self._homes, self._lack, self._counted
            lost, most, hours = follow(*figures, first, horizon, False)
        return lost, round(round(most, 6)), hours

    def _with(self, hits: Array) -> Array:
        """Return the remaining events; the knock-outs come last at their hour."""
        now, end = len(self._now), len(self._now) + len(hits)
        table = np.empty(end + len(self._later), EVENT)  # concatenating records is far slower
        table[:now], table[now:end], table[end:] = self._now, hits, self._later
        return table

    def _hits(self, things: Things) -> Array:
        hits: list[tuple[object, ...]] = []
        for asset in things.assets:
            plan = self._mended.get(asset, 0) <= self._at_ms
            hits += self._here.rows(Event(0.0, "fail", asset), self._at_ms, plan)
        for link in things.links:
            hits += self._here.rows(Event(0.0, "fail", link=link), self._at_ms, False)
        return np.array(hits, EVENT)


def toll_of(world: World, scenario: Scenario) -> tuple[int, float]:
    """Return the people who lack something at the worst moment, and the person-hours, of a run.

    Each is counted once, as ``models/impact/people.py`` does; without the run's whole outcome.
    """
    from models.criticality.homes_kernels import follow

    prepared, horizon = prepare(world, scenario.measures), to_ms(scenario.horizon_h)
    homes, nobody = homes_of(world, prepared), np.zeros(len(prepared.arrays.ids), np.bool_)
    with prepared.run_state(tracing=False) as state:
        state.play(prepared.table(scenario.events), scenario.repairs == "typical", horizon)
        _, most, hours = follow(state.ref, homes, no_lack(homes), nobody, 0, horizon, False)
    return round(round(most, 6)), hours


def _is_over(events: Iterable[Event], at_ms: int) -> bool:
    """Whether this hour's events can be completed before the knock-outs."""
    return at_ms == 0 and all(event.do == "fail" for event in events if to_ms(event.at_h) == at_ms)


def _last_repairs(events: Iterable[Event]) -> dict[str, int]:
    """Return the last repair of each asset in the scenario, in ms."""
    last: dict[str, int] = {}
    for event in events:
        if event.do == "repair" and event.asset is not None:
            last[event.asset] = max(to_ms(event.at_h), last.get(event.asset, 0))
    return last


def candidates(world: World) -> dict[str, Things]:
    """Return the knock-outs of a screening: every asset, and every common cause of several.

    Junctions only join lines and are left out. Ids of causes do not clash with those of assets:
    they start with ``cause:``.
    """
    assets = (a for a in sorted(world.assets) if not world.assets[a].is_junction)
    names = {asset: Things((asset,)) for asset in assets}
    for name, cause in sorted(world.common_causes.items()):
        if len(cause.asset_ids) + len(cause.link_ids) > 1:
            names[f"cause:{name}"] = Things(cause.asset_ids, cause.link_ids)
    return names


def causes_of(world: World) -> Mapping[str, tuple[str, ...]]:
    """Return the common causes of several that can fail each asset."""
    causes: dict[str, tuple[str, ...]] = {}
    for name, cause in sorted(world.common_causes.items()):
        if len(cause.asset_ids) + len(cause.link_ids) > 1:
            for asset in cause.asset_ids:
                causes[asset] = (*causes.get(asset, ()), name)
    return causes


def pair_count(world: World) -> int:
    """Return the number of pairs, without making them: a large world has billions."""
    assets = sum(not asset.is_junction for asset in world.assets.values())
    return assets * (assets - 1) // 2


def pairs_of(world: World) -> tuple[tuple[str, str], ...]:
    """Return every pair of assets, by id."""
    assets = sorted(a for a, asset in world.assets.items() if not asset.is_junction)
    return tuple(combinations(assets, 2))
