"""The dependency graph: its edges, which part is shown, and the layout."""

import pytest

from layouts.feed.picture import picture
from layouts.graph.dependency_graph import MAX_NODES, affected, neighbourhood, sectors
from layouts.graph.needs import graph_of
from layouts.words import Labels
from models.cascade.reference.engine import run
from models.scenario import Event, Scenario
from models.world import Asset, Group, Link, Supplier, World

LABELS = Labels()


def asset(name, kind="school", sector="public", **more):
    return Asset(name, name, kind, sector, 13.0, 53.0, **more)


def needs(consumer, *suppliers, service="electricity"):
    parts = tuple(Supplier(supplier) for supplier in suppliers)
    return Group(f"{consumer}-{service}", consumer, service, parts)


def world_of(assets, groups=(), links=()):
    return World(
        "w",
        "W",
        {asset.asset_id: asset for asset in assets},
        {link.link_id: link for link in links},
        {group.group_id: group for group in groups},
    )


def nodes(part):
    """Return the nodes and boxes by id, those of assets without what is put before it."""
    elements = [element["data"]["id"] for element in part.elements]
    assert len(set(elements)) == len(elements)
    return {bare(e["data"]["id"]): e for e in part.elements if "source" not in e["data"]}


def edges(part):
    data = [e["data"] for e in part.elements if "source" in e["data"]]
    return {(bare(item["source"]), bare(item["target"])) for item in data}


def bare(name):
    return name.removeprefix("asset:")


def test_link_networks_pass_on_away_from_their_sources(tiny_world):
    graph = graph_of(tiny_world)
    assert set(graph.edges) == {
        ("plant", "grid"),
        ("grid", "works"),
        ("grid", "clinic"),
        ("works", "clinic"),
    }


def test_junctions_are_stepped_over():
    """plant - j1 - j2 - school, which hangs on the junction j2."""
    plant = asset("plant", "power_plant", "energy", source_of=("electricity",))
    world = world_of(
        [plant, asset("j1", "junction"), asset("j2", "junction"), asset("school")],
        [needs("school", "j2")],
        [
            Link("a", "plant", "j1", "electricity"),
            Link("b", "j1", "j2", "electricity", origin="assumption"),
        ],
    )
    graph = graph_of(world)
    assert list(graph.edges) == [("plant", "school")]
    assert graph.edges["plant", "school"]["edge"].basis == "assumed"


def test_neighbourhood_shows_suppliers_left_and_consumers_right(tiny_world):
    part = neighbourhood(tiny_world, graph_of(tiny_world), LABELS, ["grid"], 1)
    at = {name: node["position"]["x"] for name, node in nodes(part).items()}
    assert at["plant"] < at["grid"] < at["works"] == at["clinic"]
    assert "1 upstream, 2 downstream within 1 step." in part.note


def test_a_step_further_shows_more(tiny_world):
    graph = graph_of(tiny_world)
    assert set(nodes(neighbourhood(tiny_world, graph, LABELS, ["plant"], 1))) == {"plant", "grid"}
    assert len(nodes(neighbourhood(tiny_world, graph, LABELS, ["plant"], 2))) == 4


@pytest.mark.parametrize("chosen", [[], ["nobody"]])
def test_without_a_selection_it_says_what_to_do(tiny_world, chosen):
    part = neighbourhood(tiny_world, graph_of(tiny_world), LABELS, chosen, 2)
    assert part.elements == []
    assert "Nothing is selected. Find an asset" in part.note


def test_affected_is_what_the_event_reached(tiny_world):
    def reached(*events):
        scenario = Scenario("tiny", events=events, horizon_h=48)
        told = picture(tiny_world, scenario, run(tiny_world, scenario), LABELS)
        return affected(tiny_world, graph_of(tiny_world), LABELS, told)

    assert set(nodes(reached(Event(0, "fail", asset="works")))) == {"works", "clinic"}
    assert reached().elements == []
    assert "Nothing is lost" in reached().note


def test_the_same_part_is_drawn_in_the_same_places(tiny_world):
    graph = graph_of(tiny_world)
    once, again = (neighbourhood(tiny_world, graph, LABELS, ["grid"], 2) for _ in range(2))
    assert once == again


def test_alike_assets_are_drawn_as_one_where_there_are_many():
    schools = [asset(f"school {i:02}") for i in range(60)]
    hub, other = asset("hub", "station", "energy"), asset("clinic", "clinic", "health")
    groups = [needs(school.asset_id, "hub") for school in [*schools, other]]
    world = world_of([hub, other, *schools], groups)
    part = neighbourhood(world, graph_of(world), LABELS, ["hub"], 2)
    drawn = nodes(part)
    assert set(drawn) == {"hub", "clinic", " bundle school 00"}
    assert len(drawn[" bundle school 00"]["data"]["members"]) == 60
    assert edges(part) == {("hub", "clinic"), ("hub", " bundle school 00")}
    assert "Similar" in part.note


def test_a_selected_asset_is_never_hidden_in_a_bundle():
    schools = [asset(f"school {i:02}") for i in range(60)]
    world = world_of(
        [asset("hub"), *schools], [needs(school.asset_id, "hub") for school in schools]
    )
    chosen = ["school 07", "school 08", "hub"]
    drawn = nodes(neighbourhood(world, graph_of(world), LABELS, chosen, 2))
    assert set(chosen) <= set(drawn)


def test_too_many_are_cut_and_it_says_so():
    many = [asset(f"a{i}", sector=f"s{i % 3}") for i in range(MAX_NODES + 20)]
    world = world_of(many)
    part = sectors(world, graph_of(world), LABELS)
    assert len([n for n in nodes(part).values() if "parent" in n["data"]]) == MAX_NODES
    assert "Only 1,000 of 1,020" in part.note


def test_sectors_hold_their_assets_and_count_the_needs_between(tiny_world):
    part = sectors(tiny_world, graph_of(tiny_world), LABELS)
    drawn = nodes(part)
    assert drawn["grid"]["data"]["parent"] == "sector:energy"
    assert ("sector:energy", "sector:health") in edges(part)
    places = [tuple(n["position"].values()) for n in drawn.values() if "position" in n]
    assert len(places) == len(set(places))


def test_loops_do_not_trouble_the_layers():
    world = world_of(
        [asset("a"), asset("b"), asset("c")], [needs("a", "b"), needs("b", "a"), needs("c", "b")]
    )
    picture = {"states": {"a": [0, 1, 2], "s": [4, 4, 4]}, "losses": []}
    assert set(nodes(affected(world, graph_of(world), LABELS, picture))) == {"a", "b", "c"}


NASTY = ["DE", "FR", "DE→FR", "sector:energy", "asset:DE", "bundle:DE", "__proto__", "constructor",
         'need:["DE", "FR"]', "Mühle", "Mu\u0308hle", "x" * 200]  # fmt: skip


def test_assets_are_kept_apart_from_edges_and_boxes_whatever_they_are_called():
    things = [asset(name, sector="energy" if n % 2 else "health") for n, name in enumerate(NASTY)]
    pairs = [(text, other) for text in NASTY for other in NASTY if text != other]
    groups = [needs(name, *(other for other in NASTY if other != name)) for name in NASTY]
    world = world_of(things, groups)
    near = neighbourhood(world, graph_of(world), LABELS, ["FR"], 2)
    assert set(nodes(near)) == set(NASTY)
    assert edges(near) == set(pairs)
    boxes = [e["data"] for e in sectors(world, graph_of(world), LABELS).elements]
    parents = {bare(box["id"]): box["parent"] for box in boxes if "parent" in box}
    assert parents["sector:energy"] == "sector:energy"
    assert set(parents) == set(NASTY)
