"""Random worlds for the proof of causes: what goes wrong in them, and what people do about it.

Beside the cases of ``tests.strategies``: everything that is hit may be repaired later, hazards,
attacks and shortages hit several things for a while, supplies go to groups that need them. Half
the worlds have no black start and no balance, so that sets from the trace stand without reruns.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from models.scenario import Event, Hit, Measure, Scenario
from models.world import Asset, Cell, Flow, Group, Link, Serving, Supplier, UseNeed, World
from tests.strategies import asset, world_of

#: Initiating events of one scenario: reruns double with each.
MOST_EVENTS = 6
SERVICES = ("power", "water", "gas")
FRACTIONS = (None, None, None, 0.0, 0.3, 0.5, 0.6, 1.0)


def varied_case(seed: int) -> tuple[World, Scenario]:
    """Return a world of 4 to 24 assets and a scenario of at most ``MOST_EVENTS`` hits."""
    draw = Random(f"varied {seed}")
    hours = draw.choice([[0.0, 0.5, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 4.0], [0.3, 0.9, 1.7, 2.6]])
    world = _world(draw, hours)
    hits = [_hit(draw, world, hours) for _ in range(draw.randint(1, MOST_EVENTS))]
    events = hits + _help(draw, world, hours, hits)
    draw.shuffle(events)
    measures = _measures(draw, world) if draw.random() < 0.4 else ()
    repairs = draw.choice(["none", "typical"])
    return world, Scenario(
        "w",
        tuple(events),
        measures,
        horizon_h=draw.choice([6.0, 12.0, 24.0]),
        repairs=repairs,  # type: ignore[arg-type]
    )


def _world(draw: Random, hours: list[float]) -> World:
    ids = [f"a{i:02}" for i in range(draw.randint(4, draw.choice([8, 14, 24])))]
    draw.shuffle(ids)
    services = SERVICES[: draw.randint(1, 3)]
    fed = draw.choice([0.0, 0.1, 0.3])
    black_starts = draw.choice([0.0, 0.0, 0.0, 0.15])
    assets = [
        asset(
            one,
            source_of=tuple(s for s in services if draw.random() < fed),
            repair_h=draw.choice([None, *hours]),
            restart_h=draw.choice([0.0, *hours]),
            black_start=draw.random() < black_starts,
        )
        for one in ids
    ]
    groups = [_group(draw, n, ids, services, hours) for n in range(draw.randint(1, 2 * len(ids)))]
    links = [_link(draw, n, ids, services) for n in range(draw.choice([0, 4, len(ids), 20]))]
    flows = _flows(draw, assets, services)
    cells, servings, use_needs = _homes(draw, ids, services)
    return world_of(assets, groups, links, flows=flows, cells=cells, servings=servings,
                    use_needs=use_needs)  # fmt: skip


def _group(
    draw: Random, number: int, ids: list[str], services: tuple[str, ...], hours: list[float]
) -> Group:
    chosen = draw.sample(ids, min(len(ids), draw.randint(1, draw.choice([1, 2, 5]))))
    shared = draw.random() < 0.2
    shares = [draw.choice([0.3, 0.5, 0.7, 1.0, 1 / 3]) if shared else None for _ in chosen]
    return Group(
        f"g{number:02}",
        draw.choice(ids),
        draw.choice(services),
        tuple(Supplier(one, share) for one, share in zip(chosen, shares, strict=True)),
        k=draw.choice([1, 1, len(chosen), draw.randint(1, len(chosen))]),
        min_supply_fraction=draw.choice(FRACTIONS),
        autonomy_h=draw.choice([0.0, *hours]),
        recharge_h=draw.choice([0.0, *hours]),
        restart_h=draw.choice([0.0, *hours]),
        loss=draw.choice([1.0, 1.0, 1.0, 0.0, 0.4, 0.5]),
    )


def _link(draw: Random, number: int, ids: list[str], services: tuple[str, ...]) -> Link:
    return Link(
        f"l{number:02}",
        draw.choice(ids),
        draw.choice(ids),
        draw.choice(services),
        draw.random() < 0.3,
        capacity=draw.choice([None, 1.0, 5.0]),
        length_m=draw.choice([None, 100.0]),
    )


def _flows(draw: Random, assets: list[Asset], services: tuple[str, ...]) -> tuple[Flow, ...]:
    """Return no flows, demand with sources that never run short, or supply with limits."""
    kind = draw.choice(["none", "none", "demand", "short"])
    if kind == "none":
        return ()
    flows = []
    for one in assets:
        for service in services:
            if draw.random() < 0.4:
                flows.append(Flow(one.asset_id, service, demand=draw.choice([1.0, 2.0, 1 / 3])))
            elif kind == "short" and draw.random() < 0.4:
                flows.append(Flow(one.asset_id, service, supply=draw.choice([0.5, 1.5, 4.0])))
    return tuple(flows)


def _homes(
    draw: Random, ids: list[str], services: tuple[str, ...]
) -> tuple[dict[str, Cell], tuple[Serving, ...], tuple[UseNeed, ...]]:
    cells = {
        f"c{n}": Cell(f"c{n}", draw.randint(0, 900), 0.0, 0.0)
        for n in range(draw.choice([0, 0, 3]))
    }
    servings = tuple(Serving(cell, draw.choice(ids), s) for cell in cells for s in services)
    needs = (UseNeed(services[-1], services[0]),) if cells and len(services) > 1 else ()
    return cells, servings, needs


def _hit(draw: Random, world: World, hours: list[float]) -> Event:
    at, one = draw.choice([0.0, 0.0, *hours]), draw.choice(sorted(world.assets))
    until = draw.choice([None, at + draw.choice(hours) + 0.5])
    kind = draw.choice(["fail", "fail", "fail", "link", "degrade", "limit", "shortage", "wide"])
    level = draw.choice([0.0, 0.3, 0.5, 0.6])
    if kind == "link" and world.links:
        return Event(at, "fail", link=draw.choice(sorted(world.links)))
    if kind == "degrade":
        return Event(at, "degrade", one, to=level)
    if kind == "limit":
        return Event(at, "limit", one, to=level, until_h=until)
    if kind == "shortage":
        share = draw.choice([0.3, 0.5, 1.0])
        return Event(at, "shortage", sector="energy", of="staff", share=share, until_h=until)
    if kind == "wide":
        hazard = draw.random() < 0.6
        hits = _hits(draw, world, hours)
        if hazard:
            return Event(at, "hazard", hazard="flood", until_h=until, hits=hits)
        return Event(at, "attack", hits=hits)
    return Event(at, "fail", one)


def _hits(draw: Random, world: World, hours: list[float]) -> tuple[Hit, ...]:
    def hit() -> Hit:
        return Hit(
            asset=draw.choice(sorted(world.assets)),
            to=draw.choice([0.0, 0.0, 0.3, 0.5]),
            after_h=draw.choice([0.0, 0.0, *hours]),
            lasts=draw.random() < 0.6,
            happens=draw.random() < 0.9,
            for_h=draw.choice([None, *(h for h in hours if h)]),
            repair_h=draw.choice([None, *hours]),
        )

    hits = [hit() for _ in range(draw.randint(1, 4))]
    if world.links and draw.random() < 0.3:
        hits.append(Hit(link=draw.choice(sorted(world.links)), after_h=draw.choice([0.0, 1.0])))
    return tuple(hits)


def _help(draw: Random, world: World, hours: list[float], hits: list[Event]) -> list[Event]:
    """Return repairs of what is hit, and supplies to who needs them."""
    events = []
    for hit in hits:
        things = [(hit.asset, hit.link), *((h.asset, h.link) for h in hit.hits)]
        for name, link in things:
            if (name or link) and draw.random() < 0.4:
                at = hit.at_h + draw.choice([0.0, *hours])
                events.append(Event(at, "repair", name, link))
    needed = sorted({(g.consumer_id, g.service) for g in world.groups.values()})
    for _ in range(draw.choice([0, 0, 1, 2, 4])):
        at, (name, service) = draw.choice([0.0, *hours, 5.0]), draw.choice(needed)
        until = draw.choice([None, at + draw.choice([0.5, 1.0, 2.0, 4.0])])
        events.append(Event(at, "supply", name, service=service, until_h=until))
    return events


def _measures(draw: Random, world: World) -> tuple[Measure, ...]:
    needed = sorted({(g.consumer_id, g.service) for g in world.groups.values()})
    ids = sorted(world.assets)

    def measure() -> Measure:
        name, service = draw.choice(needed)
        makers: list[Callable[[], Measure]] = [
            lambda: Measure("add_autonomy", name, service, hours=draw.choice([0.5, 1.0, 2.0])),
            lambda: Measure("add_supplier", name, service, supplier=draw.choice(ids)),
            lambda: Measure("add_source", draw.choice(ids), service),
            lambda: Measure("add_source", draw.choice(ids), service, supply=1.5),
        ]
        return draw.choice(makers)()

    return tuple(measure() for _ in range(draw.randint(1, 2)))
