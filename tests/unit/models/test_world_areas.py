"""Who serves how many people: service areas, and the cells that assets serve."""

from models.world import Cell, ServiceArea, Serving
from tests.strategies import asset, world_of


def test_cells_are_summed_per_asset_and_service_and_take_the_place_of_areas():
    world = world_of(
        [asset("grid"), asset("other")],
        service_areas=(ServiceArea("grid", "power", 9), ServiceArea("other", "water", 7)),
        cells={"c1": Cell("c1", 10, 0.0, 0.0), "c2": Cell("c2", 5, 0.0, 0.0)},
        servings=(
            Serving("c1", "grid", "power", 0.5),
            Serving("c1", "other", "power", 0.5),
            Serving("c2", "grid", "power"),
        ),
    )
    assert world.areas == (
        ServiceArea("other", "water", 7),
        ServiceArea("grid", "power", 10.0),
        ServiceArea("other", "power", 5.0),
    )
    assert world.served == ("power", "water")


def test_shares_beyond_one_count_as_their_part_of_the_sum():
    world = world_of(
        [asset("a"), asset("b")],
        cells={"c": Cell("c", 30, 0.0, 0.0)},
        servings=(Serving("c", "a", "power", 1.0), Serving("c", "b", "power", 0.5)),
    )
    assert [area.people for area in world.areas] == [20.0, 10.0]
