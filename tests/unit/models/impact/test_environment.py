"""Sewage that is spilled: counted for the river, never as people who lack something."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cascade.reference.engine import run
from models.impact.consequences import people_without
from models.impact.environment import spill_course, spilled_m3
from models.impact.people import EVERYBODY, distinct_people, people_served
from models.scenario import Event, Scenario
from models.world import SEWAGE_TREATMENT, Asset, Cell, Serving, World

M3_A_DAY = 0.123
#: cell, sewer (none: nobody knows one), people
HOMES = (("town", "sewers", 600), ("village", "lifting", 300), ("farm", "", 100))


def world(works_share: float = 1.0) -> World:
    assets = {
        name: Asset(name, name, "works", "water", 13.0, 53.0)
        for name in ("works", "sewers", "lifting")
    }
    cells = {cell: Cell(cell, people, 13.0, 53.0) for cell, _, people in HOMES}
    servings = [Serving(cell, "works", SEWAGE_TREATMENT, works_share) for cell, _, _ in HOMES] + [
        Serving(cell, sewer, "waste_water") for cell, sewer, _ in HOMES if sewer
    ]
    ordered = sorted(servings, key=lambda s: (s.cell_id, s.service, s.asset_id))
    return World("w", "W", assets, cells=cells, servings=tuple(ordered))


def spilled_at_0(*lost: str, level: float = 0.0) -> float:
    events = tuple(
        Event(0, "degrade", asset=name, to=level) if level else Event(0, "fail", asset=name)
        for name in lost
    )
    outcome = run(world(), Scenario("w", events, horizon_h=24))
    return spill_course(world(), outcome)[-1][1]


@pytest.mark.parametrize(
    ("lost", "people"),
    [
        ((), 0),
        (("works",), 1000),
        (("lifting",), 300),
        (("sewers",), 600),
        (("lifting", "sewers"), 900),
        # what is lost on the way is not lost again at the works
        (("lifting", "works"), 1000),
    ],
)
def test_each_home_spills_once(lost: tuple[str, ...], people: int) -> None:
    assert spilled_at_0(*lost) == people


@given(st.floats(0.01, 0.99))
def test_half_a_works_spills_the_other_half(level: float) -> None:
    assert spilled_at_0("works", level=level) == pytest.approx(1000 * (1 - level))


def test_cubic_metres_are_people_times_days() -> None:
    outcome = run(world(), Scenario("w", (Event(12, "fail", asset="works"),), horizon_h=36))
    assert spilled_m3(world(), outcome, M3_A_DAY) == pytest.approx(1000 * M3_A_DAY)


def test_whom_no_works_serve_are_not_counted() -> None:
    outcome = run(world(0.5), Scenario("w", (Event(0, "fail", asset="works"),), horizon_h=24))
    assert spilled_m3(world(0.5), outcome, M3_A_DAY) == pytest.approx(500 * M3_A_DAY)
    without = replace(world(), servings=())
    assert spilled_m3(without, run(without, Scenario("w")), M3_A_DAY) is None


def test_nobody_lacks_anything_by_a_spill() -> None:
    outcome = run(world(), Scenario("w", (Event(0, "fail", asset="works"),)))
    assert distinct_people(world(), outcome)[EVERYBODY].peak == 0
    assert set(people_without(world(), outcome)) == {"waste_water"}
    assert people_served(world(), {"works"}) == 0
    assert people_served(world(), {"works", "lifting"}) == 300
