"""Generated worlds and scenarios: small, with loops, ties, shares, links, repairs and restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from models.scenario import Event, Scenario
from models.world import Asset, Flow, Group, Link, ServiceArea, Supplier, World

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
    one = st.sampled_from(ids)
    links = [
        Link(f"l{n}", draw(one), draw(one), draw(st.sampled_from(SERVICES)), draw(st.booleans()))
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
    found = []
    for n in range(draw(st.integers(0, 2 * len(ids)))):
        chosen = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
        too_many = draw(st.integers(0, 9)) == 0
        found.append(
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
    return world_of([asset(i) for i in ids], found, service_areas=people)


@st.composite
def knock_outs(draw: st.DrawFn, world: World, most: int = 4) -> Scenario:
    """Return a scenario of knock-outs only, many of them at the same moments."""
    one = st.sampled_from(sorted(world.assets))
    events = [Event(draw(HOURS), "fail", draw(one)) for _ in range(draw(st.integers(0, most)))]
    return Scenario("w", tuple(events), horizon_h=draw(st.sampled_from([0.0, 2.0, 4.0, 8.0])))
