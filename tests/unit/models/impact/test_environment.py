"""Sewage that is spilled: counted for the river, never as people who lack something."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layouts.feed.picture import picture
from layouts.words import Labels
from models.cascade.reference.engine import run
from models.impact.comparison import figures, options_of, table
from models.impact.consequences import people_without
from models.impact.environment import known_spill, spill_course, spilled_m3
from models.impact.people import EVERYBODY, distinct_people, people_served
from models.rights.views import view
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import SEWAGE_TREATMENT, Asset, Cell, Marking, Serving, SewageRate, World

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
    return World(
        "w",
        "W",
        assets,
        cells=cells,
        servings=tuple(ordered),
        sewage_rate=SewageRate(M3_A_DAY, "B", "somebody's statistics"),
    )


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
    assert spilled_m3(world(), outcome) == pytest.approx(1000 * M3_A_DAY)


def test_a_picture_says_how_much_is_spilled_and_on_what_figure() -> None:
    outcome = run(world(), Scenario("w", (Event(12, "fail", asset="works"),), horizon_h=36))
    spill = picture(world(), Scenario("w"), outcome, Labels())["spill"]
    assert spill is not None
    assert spill == {
        "t": [0, to_ms(12)],
        "n": [0, 1000],
        "m3": round(1000 * M3_A_DAY),
        "m3_per_person_d": M3_A_DAY,
        "confidence": "B",
        "source": "somebody's statistics",
    }
    without = replace(world(), servings=())
    assert picture(without, Scenario("w"), run(without, Scenario("w")), Labels())["spill"] is None


@pytest.mark.parametrize("hidden", ["works", "lifting", "waste_water", "sewage_treatment"])
def test_a_spill_is_not_told_where_sewers_or_works_are_hidden(hidden: str) -> None:
    what = "asset" if hidden in world().assets else "service"
    marked = replace(world(), markings=(Marking(what, hidden, "RED"),))  # type: ignore[arg-type]
    outcome = run(marked, Scenario("w", (Event(0, "fail", asset="works"),)))
    assert view(marked, "RED").sewage_spilled(outcome) == known_spill(marked, outcome)
    assert view(marked, "CLEAR").sewage_spilled(outcome) is None


def test_futures_are_compared_by_what_they_spill() -> None:
    named = [("A", Scenario("w", (Event(0, "fail", "works"),), horizon_h=24)),
             ("B", Scenario("w", (Event(0, "fail", "lifting"),), horizon_h=24)),
             ("C", Scenario("w", horizon_h=24))]  # fmt: skip
    found = [figures(world(), option, ()) for option in options_of(world(), named)]
    assert [one.sewage_m3 for one in found] == pytest.approx([123.0, 36.9, 0.0])
    assert "sewage_m3" in {row.name for row in table(found)}
    assert "sewage_m3" not in {row.name for row in table(found[2:])}


def test_whom_no_works_serve_are_not_counted() -> None:
    outcome = run(world(0.5), Scenario("w", (Event(0, "fail", asset="works"),), horizon_h=24))
    assert spilled_m3(world(0.5), outcome) == pytest.approx(500 * M3_A_DAY)
    without = replace(world(), servings=())
    assert spilled_m3(without, run(without, Scenario("w"))) is None


def test_nobody_lacks_anything_by_a_spill() -> None:
    outcome = run(world(), Scenario("w", (Event(0, "fail", asset="works"),)))
    assert distinct_people(world(), outcome)[EVERYBODY].peak == 0
    assert set(people_without(world(), outcome)) == {"waste_water"}
    assert people_served(world(), {"works"}) == 0
    assert people_served(world(), {"works", "lifting"}) == 300
