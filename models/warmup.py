"""Compile every kernel once and cache the code on disk, so that no user waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from models.scenario import Event, Scenario
from models.world import Asset, Flow, Group, Link, Range, ServiceArea, Supplier, World


def _engine() -> None:
    from models.cascade.timed.engine import run, solve
    from models.cascade.timed.prepared import prepare
    from models.criticality.what_if import Baseline, Things

    world = _loop()
    run(world, Scenario("loop", (Event(0.0, "fail", "a"), Event(0.0, "repair", "a"))))
    solve(prepare(world), [Event(0.0, "fail", "a")], 0)
    Baseline(world, Scenario("loop"), 1.0).beyond(Things(("a",)))


def _loop() -> World:
    """Return two assets that need each other over a link, one of them a source: all kernels run."""
    assets = [Asset(i, i, "thing", "energy", 0.0, 0.0, source_of=("heat",)) for i in "ab"]
    needs = [
        Group("ab", "a", "power", (Supplier("b", 1.0),)),
        Group("ba", "b", "power", (Supplier("a"),)),
    ]
    return World(
        "loop",
        "loop",
        {asset.asset_id: asset for asset in assets},
        links={"l": Link("l", "a", "b", "power")},
        groups={group.group_id: group for group in needs},
        flows=(Flow("a", "power", supply=1.0), Flow("b", "power", demand=1.0)),
        service_areas=(ServiceArea("a", "power", 1),),
    )


def _core() -> None:
    from models.criticality.screening import pairs, singles

    two = {i: Asset(i, i, "thing", "energy", 0.0, 0.0) for i in "ab"}
    needs = {"ba": Group("ba", "b", "power", (Supplier("a"),))}
    world = World("two", "two", two, groups=needs)
    singles(world)
    singles(world, "person-hours")
    pairs(world)


def _ensembles() -> None:
    from models.ensemble.ensemble import ensemble

    world = _loop()
    storm = Scenario("loop", (Event(0.0, "fail", "a", p=0.01), Event(0.0, "fail", "b", p=0.5)))
    ranges = (Range("dependencies", ("ab",), "autonomy_h", 0.0, 1.0),)
    ensemble(replace(world, ranges=ranges), storm, 3)
    plain = {name: replace(asset, source_of=()) for name, asset in world.assets.items()}
    needs = {"ba": world.groups["ba"]}
    ensemble(replace(world, assets=plain, groups=needs, links={}, flows=()), storm, 3)


#: Functions that compile the kernels, by name. Each is called once.
STEPS: Mapping[str, Callable[[], None]] = {
    "the cascade engine": _engine,
    "screenings": _core,
    "ensembles": _ensembles,
}
