"""Generated worlds and scenarios: small, with loops, ties, shares, links, repairs and restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from models.scenario import Event, Hit, Measure, Scenario
from models.world import (
    Asset,
    Cell,
    Flow,
    Group,
    Link,
    ServiceArea,
    Serving,
    Supplier,
    UnknownNeed,
    UseNeed,
    World,
)

SERVICES = ("power", "water")
#: Few different hours, so that things happen at the same moment often.
HOURS = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0])
FRACTIONS = st.sampled_from([0.0, 0.3, 0.5, 0.6, 1.0])
LEVELS = st.sampled_from([0.0, 0.3, 0.5, 0.6])


def asset(asset_id: str, **fields: object) -> Asset:
    """Return an asset of which only the id matters."""
    return Asset(asset_id, asset_id, "thing", "energy", 0.0, 0.0, **fields)  # type: ignore[arg-type]


def world_of(
    assets: list[Asset],
    groups: list[Group] = (),  # type: ignore[assignment]
    links: list[Link] = (),  # type: ignore[assignment]
    **rest: object,
) -> World:
    """Return a world with these tables."""
    return World(
        "w",
        "w",
        {a.asset_id: a for a in assets},
        links={link.link_id: link for link in links},
        groups={g.group_id: g for g in groups},
        **rest,  # type: ignore[arg-type]
    )


def needs(group_id: str, consumer: str, suppliers: str, **fields: object) -> Group:
    """Return a group; ``suppliers`` are ids with blanks between them, the service is power."""
    service = str(fields.pop("service", "power"))
    chosen = tuple(Supplier(s) for s in suppliers.split())
    return Group(group_id, consumer, service, chosen, **fields)  # type: ignore[arg-type]


@st.composite
def groups(draw: st.DrawFn, ids: list[str], number: int, *, with_shares: bool = True) -> Group:
    """Return one dependency group among ``ids``."""
    chosen = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True))
    shared = with_shares and draw(st.booleans())
    shares = [draw(st.sampled_from([0.3, 0.5, 0.7, 1.0])) if shared else None for _ in chosen]
    return Group(
        group_id=f"g{number}",
        consumer_id=draw(st.sampled_from(ids)),
        service=draw(st.sampled_from(SERVICES)),
        suppliers=tuple(Supplier(a, share) for a, share in zip(chosen, shares, strict=True)),
        k=draw(st.integers(1, len(chosen))),
        min_supply_fraction=draw(st.none() | FRACTIONS),
        autonomy_h=draw(HOURS),
        recharge_h=draw(HOURS),
        restart_h=draw(HOURS),
        loss=draw(st.sampled_from([0.0, 0.4, 0.5, 1.0])),
    )


@st.composite
def worlds(draw: st.DrawFn, *, demand: bool = False, black_start: bool = False) -> World:
    """Return a world of up to seven assets."""
    ids = [f"a{i}" for i in range(draw(st.integers(1, 7)))]
    sources = st.sets(st.sampled_from(SERVICES)).map(lambda s: tuple(sorted(s)))
    assets = [
        asset(
            i,
            source_of=draw(sources),
            repair_h=draw(st.none() | HOURS),
            restart_h=draw(HOURS),
            black_start=black_start and draw(st.booleans()),
        )
        for i in ids
    ]
    asset_ids = st.sampled_from(ids)
    links = [
        Link(
            f"l{n}",
            draw(asset_ids),
            draw(asset_ids),
            draw(st.sampled_from(SERVICES)),
            draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, 7)))
    ]
    flows = [
        Flow(i, "power", demand=draw(st.sampled_from([1.0, 2.0])))
        if draw(st.booleans())
        else Flow(i, "power", supply=draw(st.sampled_from([0.0, 1.0, 1.5])))
        for i in (ids if demand else [])
        if draw(st.booleans())
    ]
    return world_of(
        assets,
        [draw(groups(ids, n)) for n in range(draw(st.integers(0, 8)))],
        links,
        flows=tuple(flows),
        service_areas=tuple(ServiceArea(i, "power", 10 * n) for n, i in enumerate(ids)),
    )


@st.composite
def scenarios(draw: st.DrawFn, world: World) -> Scenario:
    """Return a scenario for ``world`` with up to six events of every kind."""
    makers: list[Callable[[], Event]] = [
        lambda: Event(draw(HOURS), "fail", draw(st.sampled_from(sorted(world.assets)))),
        lambda: Event(
            draw(HOURS), "degrade", draw(st.sampled_from(sorted(world.assets))), to=draw(LEVELS)
        ),
        lambda: Event(draw(HOURS), "repair", draw(st.sampled_from(sorted(world.assets)))),
        lambda: _limit(draw, world),
        lambda: _shortage(draw),
        lambda: _wide(draw, world),
    ]
    if world.links:
        link = st.sampled_from(sorted(world.links))
        makers += [
            lambda: Event(draw(HOURS), "fail", link=draw(link)),
            lambda: Event(draw(HOURS), "repair", link=draw(link)),
        ]
    if world.groups:
        makers.append(lambda: _supply(draw, world))
    events = [draw(st.sampled_from(makers))() for _ in range(draw(st.integers(0, 6)))]
    repairs = draw(st.sampled_from(["none", "typical"]))
    return Scenario("w", tuple(events), horizon_h=8.0, repairs=repairs)  # type: ignore[arg-type]


def _wide(draw: st.DrawFn, world: World) -> Event:
    """Return a hazard that hits some assets and links, with repairs and limits of its own."""
    at, hours = draw(HOURS), draw(st.none() | st.sampled_from([0.5, 1.0, 3.0]))
    chosen = draw(st.lists(st.sampled_from(sorted(world.assets)), max_size=3, unique=True))
    hits = [
        Hit(asset=item, to=draw(LEVELS), after_h=draw(st.sampled_from([0.0, 0.5])),
            lasts=draw(st.booleans()), repair_h=draw(st.none() | HOURS),
            happens=draw(st.integers(0, 4)) > 0)
        for item in chosen
    ]  # fmt: skip
    if world.links:
        struck = draw(st.lists(st.sampled_from(sorted(world.links)), max_size=2, unique=True))
        hits += [Hit(link=link) for link in struck]
    until = None if hours is None else at + hours
    return Event(at, "hazard", hazard="flood", until_h=until, hits=tuple(hits))


def _shortage(draw: st.DrawFn) -> Event:
    at, hours = draw(HOURS), draw(st.none() | st.sampled_from([0.5, 1.0, 2.0]))
    until = None if hours is None else at + hours
    return Event(at, "shortage", sector="energy", of="staff", share=draw(st.sampled_from(
        [0.3, 0.5, 1.0])), reserve=draw(st.none() | st.just(0.25)), until_h=until)  # fmt: skip


def _limit(draw: st.DrawFn, world: World) -> Event:
    at, hours = draw(HOURS), draw(st.none() | st.sampled_from([0.5, 1.0, 2.0]))
    until = None if hours is None else at + hours
    return Event(at, "limit", draw(st.sampled_from(sorted(world.assets))),
                 to=draw(LEVELS), until_h=until)  # fmt: skip


def _supply(draw: st.DrawFn, world: World) -> Event:
    group = world.groups[draw(st.sampled_from(sorted(world.groups)))]
    at = draw(HOURS)
    until = draw(st.none() | st.sampled_from([0.5, 1.0, 2.0]))
    return Event(
        at,
        "supply",
        group.consumer_id,
        service=group.service,
        until_h=None if until is None else at + until,
    )


@st.composite
def cases(draw: st.DrawFn, **kinds: bool) -> tuple[World, Scenario]:
    """Return a world and a scenario for it."""
    world = draw(worlds(**kinds))
    return world, draw(scenarios(world))


def with_events(scenario: Scenario, *more: Event) -> Scenario:
    """Return the scenario with further events at the end."""
    return replace(scenario, events=(*scenario.events, *more))


@st.composite
def plain_worlds(draw: st.DrawFn, largest: int = 8) -> World:
    """Return a world of the fail-only core: k of n alone decides, and nothing comes back.

    With loops, ties, assets that supply themselves, and now and then a group that no one can serve.
    """
    ids = [f"a{i}" for i in range(draw(st.integers(1, largest)))]
    worlds = []
    for n in range(draw(st.integers(0, 2 * len(ids)))):
        chosen = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
        too_many = draw(st.integers(0, 9)) == 0
        worlds.append(
            Group(
                f"g{n}",
                draw(st.sampled_from(ids)),
                draw(st.sampled_from(SERVICES)),
                tuple(Supplier(a) for a in chosen),
                k=len(chosen) + 1 if too_many else draw(st.integers(1, len(chosen))),
                min_supply_fraction=draw(st.none() | FRACTIONS),
                autonomy_h=draw(HOURS),
            )
        )
    people = tuple(
        ServiceArea(i, draw(st.sampled_from(SERVICES)), 10 * n) for n, i in enumerate(ids)
    )
    return world_of([asset(i) for i in ids], worlds, service_areas=people)


@st.composite
def knock_outs(draw: st.DrawFn, world: World, most: int = 4) -> Scenario:
    """Return a scenario of knock-outs only, many of them at the same moments."""
    asset_ids = st.sampled_from(sorted(world.assets))
    events = [
        Event(draw(HOURS), "fail", draw(asset_ids)) for _ in range(draw(st.integers(0, most)))
    ]
    return Scenario("w", tuple(events), horizon_h=draw(st.sampled_from([0.0, 2.0, 4.0, 8.0])))


def large_case(seed: int) -> tuple[World, Scenario]:
    """Return a world of 8 to 40 assets and a scenario: what shrinks badly, drawn by a seed.

    Many services with networks, groups of up to nine suppliers, any k, ties, demand, black
    starts, measures.
    """
    draw = Random(seed)
    ids = [f"a{i:02}" for i in range(draw.randint(8, 40))]
    draw.shuffle(ids)
    services = ["power", "water", "gas", "telecom"][: draw.randint(1, 4)]
    hours = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0] if draw.random() < 0.7 else [0.1, 0.7, 1.9, 4.3]
    rare = draw.choice([0.05, 0.3, 0.6])
    fed = draw.choice([0.0, 0.15, 0.5])

    def some(share: float) -> bool:
        return draw.random() < share

    assets = [
        asset(
            i,
            source_of=tuple(s for s in services if some(fed)),
            repair_h=draw.choice([None, *hours]),
            restart_h=draw.choice(hours),
            black_start=some(0.15),
        )
        for i in ids
    ]
    return _large_world(draw, assets, services, hours, rare), _large_scenario(
        draw, assets, services, hours
    )


def _large_world(
    draw: Random, assets: list[Asset], services: list[str], hours: list[float], rare: float
) -> World:
    ids = [a.asset_id for a in assets]
    few = ids[: max(2, len(ids) // 3)]
    groups = []
    for n in range(draw.randint(0, 2 * len(ids))):
        chosen = draw.sample(ids, min(len(ids), draw.randint(1, draw.choice([2, 4, 9]))))
        shared = draw.random() < 0.25
        shares = [draw.choice([0.1, 0.3, 0.5, 0.7, 1.0, 1 / 3]) if shared else None for _ in chosen]
        groups.append(
            Group(
                f"g{n:03}" if draw.random() < 0.9 else f"x{n}",
                draw.choice(ids),
                draw.choice(services),
                tuple(Supplier(a, share) for a, share in zip(chosen, shares, strict=True)),
                k=draw.choice([1, len(chosen), draw.randint(1, len(chosen))]),
                min_supply_fraction=draw.choice([None, None, 0.0, 0.3, 0.5, 0.6, 1.0, 1e-10]),
                autonomy_h=draw.choice([0.0, *hours]),
                recharge_h=draw.choice([0.0, *hours]),
                restart_h=draw.choice([0.0, *hours]),
                loss=1.0 if draw.random() > rare else draw.choice([0.0, 0.3, 0.4, 0.5, 0.9]),
            )
        )
    links = [
        Link(f"l{n:03}", draw.choice(few if draw.random() < 0.5 else ids), draw.choice(ids),
             draw.choice(services), draw.random() < 0.3)
        for n in range(draw.randint(0, draw.choice([0, 6, 2 * len(ids)])))
    ]  # fmt: skip
    flows = [
        Flow(i, draw.choice(services), demand=draw.choice([1.0, 2.0, 0.1, 1 / 3]))
        if draw.random() < 0.6
        else Flow(i, draw.choice(services), supply=draw.choice([0.0, 1.0, 1.5, 5.0, 0.7]))
        for i in ids
        if draw.random() < draw.choice([0.0, 0.5])
    ]
    unknown = tuple(UnknownNeed(i, "power", hides_state=True) for i in ids if draw.random() < 0.1)
    areas = tuple(
        ServiceArea(draw.choice(ids), draw.choice(services), draw.randint(0, 5000))
        for _ in range(draw.randint(0, 12))
    )
    return world_of(
        assets, groups, links, flows=tuple(flows), service_areas=areas, unknown_needs=unknown
    )


def _large_scenario(
    draw: Random, assets: list[Asset], services: list[str], hours: list[float]
) -> Scenario:
    world_ids = [a.asset_id for a in assets]
    when = [0.0, *hours, *(h + 1 for h in hours)]

    def event() -> Event:
        at, asset = draw.choice(when), draw.choice(world_ids)
        kind = draw.choice(["fail", "fail", "fail", "degrade", "repair", "supply"])
        if kind == "degrade":
            return Event(at, "degrade", asset, to=draw.choice([0.0, 0.3, 0.5, 0.6, 1.0]))
        if kind == "supply":
            until = draw.choice([None, at + draw.choice([0.0, 0.5, 1.0, 2.0])])
            return Event(at, "supply", asset, service=draw.choice(services), until_h=until)
        return Event(at, kind, asset)  # type: ignore[arg-type]

    events = [event() for _ in range(draw.randint(0, 10))]
    return Scenario(
        "w",
        tuple(events),
        horizon_h=draw.choice([0.0, 4.0, 12.0, 12.0]),
        repairs=draw.choice(["none", "typical"]),  # type: ignore[arg-type]
    )


def with_links_and_measures(seed: int, world: World, scenario: Scenario) -> Scenario:
    """Return the scenario with links hit and repaired, and measures tried out."""
    draw = Random(seed)
    links = sorted(world.links)
    events = list(scenario.events)
    for _ in range(draw.randint(0, 6) if links else 0):
        do = draw.choice(["fail", "fail", "repair"])
        at = draw.choice([0.0, 0.5, 1.0, 2.0])
        event = Event(at, do, link=draw.choice(links))  # type: ignore[arg-type]
        events.insert(draw.randint(0, len(events)), event)
    ids = sorted(world.assets)
    needed = sorted({(g.consumer_id, g.service) for g in world.groups.values()})
    measures = []
    for _ in range(draw.choice([0, 0, 1, 2]) if needed else 0):
        consumer, service = draw.choice(needed)
        measures.append(
            draw.choice(
                [
                    Measure("add_autonomy", consumer, service, hours=draw.choice([0.5, 1.0, 2.0])),
                    Measure("add_supplier", consumer, service, supplier=draw.choice(ids)),
                    Measure("add_source", draw.choice(ids), service),
                    Measure("add_source", draw.choice(ids), service, supply=1.5),
                ]
            )
        )
    return replace(scenario, events=tuple(events), measures=tuple(measures))


def mesh_case(seed: int) -> tuple[World, list[Scenario]]:
    """Return a meshed network with two services and scenarios that hit and repair it for a day."""
    draw = Random(seed)
    side = draw.randint(3, 7)
    at = [f"n{x}{y}" for x in range(side) for y in range(side)]
    draw.shuffle(at)
    sources = set(at[: draw.randint(1, 4)])
    assets = [
        asset(
            n,
            source_of=("power",) if n in sources else ("water",) if draw.random() < 0.1 else (),
            repair_h=draw.choice([None, 1.0, 2.5]),
            restart_h=draw.choice([0.0, 0.5]),
        )
        for n in at
    ]
    links = [
        Link(f"{a}-{b}-{service}", a, b, service, draw.random() < 0.3)
        for service in ("power", "water")
        for a in at
        for b in (f"n{int(a[1]) + 1}{a[2]}", f"n{a[1]}{int(a[2]) + 1}")
        if b in at and draw.random() < (0.9 if service == "power" else 0.5)
    ]
    groups = [
        needs(
            f"g{i}", draw.choice(at), " ".join(draw.sample(at, draw.randint(1, 2))),
            service=draw.choice(["power", "water"]), autonomy_h=draw.choice([0.0, 1.0, 3.0]),
            restart_h=draw.choice([0.0, 0.5]), loss=draw.choice([1.0, 1.0, 0.5]),
        )
        for i in range(draw.randint(0, side * side))
    ]  # fmt: skip
    demand = draw.random() < 0.3
    flows = [Flow(n, "power", demand=1.0) for n in at if demand and draw.random() < 0.5]
    world = world_of(assets, groups, links, flows=tuple(flows))

    def event() -> Event:
        when = draw.choice([0.0, 1.0, 2.0, 3.0, draw.uniform(0, 12)])
        do = draw.choice(["fail", "fail", "repair"])
        if links and draw.random() < 0.5:
            return Event(when, do, link=draw.choice(links).link_id)  # type: ignore[arg-type]
        return Event(when, do, draw.choice(at))  # type: ignore[arg-type]

    return world, [
        Scenario(
            "w",
            tuple(event() for _ in range(draw.randint(1, 25))),
            horizon_h=14.0,
            repairs=draw.choice(["none", "typical"]),  # type: ignore[arg-type]
        )
        for _ in range(4)
    ]


@st.composite
def settled_worlds(draw: st.DrawFn) -> World:
    """A random world with three cells that its assets serve, shed in some order."""
    world = draw(worlds())
    chosen = st.sampled_from(sorted(world.assets))
    services = st.sampled_from(["power", "water", "web"])
    ranks = st.sampled_from([None, None, 1, 2])
    cells = {
        name: Cell(name, draw(st.integers(0, 9)), 0.0, 0.0, shed_order=draw(ranks))
        for name in ("c1", "c2", "c3")
    }
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(cells)), chosen, services), max_size=8, unique=True
        )
    )
    needs_at_home = st.sampled_from([(), (UseNeed("web", "power"),)])
    return replace(
        world,
        cells=cells,
        servings=tuple(
            Serving(*pair, draw(st.sampled_from([0.5, 1.0])), shed_order=draw(ranks))
            for pair in sorted(pairs)
        ),
        use_needs=draw(needs_at_home),
    )


def with_wide_events(seed: int, world: World, scenario: Scenario) -> Scenario:
    """Return the scenario with limits, and events that hit several assets at once."""
    draw, ids, events = Random(seed), sorted(world.assets), list(scenario.events)
    for _ in range(draw.choice([0, 0, 0, 1, 2])):
        at = draw.choice([0.0, 0.5, 1.0, 2.0])
        until = draw.choice([None, at + 1.0, at + 2.0])
        event = Event(at, "limit", draw.choice(ids), to=draw.choice([0.0, 0.3, 0.6]), until_h=until)
        events.insert(draw.randint(0, len(events)), event)
    for _ in range(draw.choice([0, 0, 0, 1])):
        struck = [Hit(asset=item_id, to=draw.choice([0.0, 0.3])) for item_id in draw.sample(ids, 2)]
        event = Event(draw.choice([0.0, 1.0]), "hazard", hazard="flood", hits=tuple(struck))
        events.insert(draw.randint(0, len(events)), event)
    return replace(scenario, events=tuple(events))
