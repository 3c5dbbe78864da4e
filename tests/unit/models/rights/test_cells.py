"""Cells of people in a redacted world."""

from dataclasses import replace

from models.cascade.reference.engine import run
from models.impact.settlement import EVERYBODY
from models.rights.views import view
from models.scenario import Event, Scenario
from models.world import Cell, Marking, Serving
from tests.strategies import asset, world_of


def town(*markings):
    return world_of(
        [asset("grid"), asset("bunker")],
        cells={"home": Cell("home", 100, 0.0, 0.0, "Bunker Hill", (("over_80", 9),))},
        servings=(Serving("home", "bunker", "data"), Serving("home", "grid", "power")),
        markings=markings,
    )


def test_a_hidden_asset_serves_nobody_who_can_be_seen():
    seen = view(town(Marking("asset", "bunker", "RED")), "CLEAR").world
    assert [serving.asset_id for serving in seen.servings] == ["grid"]
    assert list(seen.cells) == ["home"]


def test_hidden_people_are_neither_placed_nor_counted():
    seen = view(town(Marking("field", "people", "AMBER")), "CLEAR").world
    assert not seen.cells
    assert not seen.servings
    assert not seen.areas


def test_a_hidden_name_is_scrubbed_from_municipalities_and_ids():
    world = town(Marking("asset", "bunker", "RED"))
    cells = world.cells | {"bunker/1": replace(world.cells["home"], cell_id="bunker/1")}
    servings = (*world.servings, Serving("bunker/1", "grid", "power"))
    seen = view(replace(world, cells=cells, servings=servings), "CLEAR").world
    assert list(seen.cells) == ["home"]
    assert all(serving.cell_id == "home" for serving in seen.servings)


def test_who_lacks_something_is_a_sum_of_the_whole_without_hidden_services():
    world = town(Marking("service", "data", "RED"))
    outcome = run(world, Scenario("w", (Event(0.0, "fail", "bunker"),), horizon_h=1.0))
    assert view(world, "RED").people_lacking(outcome)[EVERYBODY].peak == 100
    assert view(world, "CLEAR").people_lacking(outcome)[EVERYBODY].peak == 0


def test_a_group_that_is_called_by_a_hidden_name_is_left_out():
    world = town(Marking("asset", "bunker", "RED"))
    home = replace(world.cells["home"], municipality="", groups=(("bunker", 3), ("over_80", 9)))
    world = replace(world, cells={"home": home})
    assert view(world, "CLEAR").world.cells["home"].groups == (("over_80", 9),)
    assert view(world, "RED").world.cells["home"].groups == home.groups
