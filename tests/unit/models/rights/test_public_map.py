"""The safe public map: nothing small, nothing exact, nothing hidden can be worked out of it."""

import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.knowledge import reader as knowledge
from models.cascade.timed.engine import run
from models.errors import BadInputError
from models.rights.public_map import FEW, Grid, Limits, public_map
from models.rights.views import view
from models.scenario import Event, Scenario
from models.space.areas import to_metres
from models.world import Asset, ServiceArea, World
from tests.labelled import labelled_world, leaks

LIMITS = Limits(least_told=11, round_to=20, cell_m=2_000, step_h=1)
places = st.tuples(st.floats(13.0, 13.2), st.floats(53.4, 53.5))


@st.composite
def towns(draw):
    """Wells with people, each fed by one of two stations; some of the wells fail by themselves."""
    spots = draw(st.lists(places, min_size=1, max_size=40))
    assets = {
        f"well-{i}": Asset(f"well-{i}", f"Well {i}", "well", "water", lon, lat)
        for i, (lon, lat) in enumerate(spots)
    }
    people = draw(st.lists(st.integers(0, 60), min_size=len(spots), max_size=len(spots)))
    areas = [ServiceArea(a, "water", n) for a, n in zip(assets, people, strict=True)]
    return World("w", "W", assets, service_areas=tuple(areas), bbox=(13.0, 53.4, 13.2, 53.5))


@st.composite
def mapped(draw):
    world = draw(towns())
    hit = draw(st.lists(st.sampled_from(sorted(world.assets)), max_size=30))
    events = [
        Event(draw(st.floats(0, 20)), "degrade", asset, to=draw(st.sampled_from([0.0, 0.4])))
        for asset in hit
    ]
    outcome = run(world, Scenario("w", events=tuple(events), horizon_h=24))
    return world, outcome, public_map(world, outcome, LIMITS)


def counts(drawn):
    """Every published count, at any place of the payload."""
    for service in drawn["services"]:
        for cell in service["cells"]:
            yield cell["served"]
            yield from (count for _, count in cell["without"])
    for cell in drawn["facilities"]:
        yield from (count for _, count in cell["affected"])


@given(mapped())
def test_no_small_count_is_told_nor_can_be_worked_out(made):
    _, _, drawn = made
    found = {0, *counts(drawn)} - {FEW}
    # sums and differences of any of them are multiples of the same number: complementary too
    for one, other in itertools.combinations(found, 2):
        assert abs(one - other) >= LIMITS.least_told
    assert all(count % LIMITS.round_to == 0 for count in found)


@given(mapped())
def test_never_are_more_without_than_served_and_the_truth_is_near(made):
    world, _, drawn = made
    for service in drawn["services"]:
        for cell in service["cells"]:
            assert all(count <= cell["served"] for _, count in cell["without"])
            hours = [hour for hour, _ in cell["without"]]
            assert hours == sorted(set(hours))
            assert all(hour == int(hour) for hour in hours)
    true = sum(area.people for area in world.service_areas)
    served = sum(c["served"] for s in drawn["services"] for c in s["cells"])
    assert abs(true - served) <= LIMITS.round_to * len(world.assets)


@given(mapped())
def test_nothing_of_an_asset_is_in_it(made):
    world, _, drawn = made
    text = json.dumps(drawn)
    for asset in world.assets.values():
        assert asset.asset_id not in text
        assert asset.name not in text


@given(towns(), places)
def test_cells_lie_on_a_grid_that_no_asset_moves(world, spot):
    grid = Grid.of(world, LIMITS.cell_m)
    moved = {**world.assets, "well-0": replace(world.assets["well-0"], lon=spot[0], lat=spot[1])}
    assert Grid.of(replace(world, assets=moved), LIMITS.cell_m) == grid
    for cell in grid.cells(moved).values():
        x, y = to_metres(grid.crs).transform(*zip(*grid.ring(cell), strict=True))
        for metres in (*x, *y):
            # corners are rounded to 5 decimals of a degree, about a metre
            off = (metres + LIMITS.cell_m / 2) % LIMITS.cell_m - LIMITS.cell_m / 2
            assert abs(off) < 2


@given(towns(), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_a_place_within_its_cell_cannot_be_told(world, east, north):
    """The map does not depend on where in its cell an asset lies, to the byte."""
    grid = Grid.of(world, LIMITS.cell_m)
    (column, row) = grid.cells({"well-0": world.assets["well-0"]})["well-0"]
    lon, lat = to_metres(grid.crs).transform(
        (column + east) * LIMITS.cell_m, (row + north) * LIMITS.cell_m, direction="INVERSE"
    )
    moved = {**world.assets, "well-0": replace(world.assets["well-0"], lon=lon, lat=lat)}
    scenario = Scenario("w", events=(Event(1, "fail", "well-0"),), horizon_h=4)
    maps = [
        public_map(item, run(item, scenario), LIMITS)
        for item in (world, replace(world, assets=moved))
    ]
    assert json.dumps(maps[0]) == json.dumps(maps[1])


def test_what_is_hidden_changes_nothing_on_the_map(tmp_path):
    """Another name, place and number of people of a hidden asset: the same bytes."""
    town = labelled_world(tmp_path / "town")
    scenario = Scenario("town", events=(Event(0, "fail", asset="orange"),), horizon_h=24)
    other = replace(
        town,
        assets={
            **town.assets,
            "orange": replace(town.assets["orange"], name="Bunker Lime", lon=13.9, lat=53.9),
        },
        service_areas=tuple(
            replace(area, people=9_999) if area.asset_id == "orange" else area
            for area in town.service_areas
        ),
    )
    maps = [
        public_map(view(item, "CLEAR").world, run(item, scenario), LIMITS) for item in (town, other)
    ]
    assert maps[0] == maps[1]
    assert maps[0]["services"], "the water works' people are told"
    assert leaks([("map", json.dumps(maps[0]).encode())], town, "CLEAR") == []


@pytest.mark.parametrize(
    ("count", "said"), [(0, 0), (1, FEW), (10, FEW), (11, 20), (29, 20), (30, 40), (1234, 1240)]
)
def test_counts_as_told(count, said):
    assert LIMITS.coarse(count) == said


def test_limits_that_would_let_a_small_count_be_worked_out_are_refused():
    with pytest.raises(BadInputError, match="round_to"):
        Limits(least_told=11, round_to=10, cell_m=2_000, step_h=1)


def test_the_limits_of_the_table_are_usable_and_say_where_they_are_from():
    assert knowledge.public_limits() == LIMITS
    text = (knowledge.FOLDER / "public_map.csv").read_text(encoding="utf-8")
    assert "resdac.org" in text


def test_people_are_told_where_they_live_with_what_they_lack_at_home(haven):
    outcome = run(haven, Scenario("haven", (Event(0.0, "fail", "north"),), horizon_h=24))
    drawn = public_map(haven, outcome, LIMITS)
    phone = next(service for service in drawn["services"] if service["id"] == "fixed_telecom")
    grid = Grid.of(haven, LIMITS.cell_m)
    homes = {cell_id: haven.cells[cell_id] for cell_id in ("quay", "mill", "field")}
    shown = [drawn["cells"][cell["cell"]] for cell in phone["cells"]]
    assert shown == [grid.ring(cell) for cell in sorted(set(grid.cells(homes).values()))]
    # the exchange runs on its battery, yet nobody in North Haven can make a call
    assert sum(cell["without"][0][1] for cell in phone["cells"]) == 700
    assert sum(cell["served"] for cell in phone["cells"]) == 1_200
