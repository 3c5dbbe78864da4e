"""The embedded region: consistent, small, rebuildable, and its scenarios do what its card says.

The figures come from an independent computation on the same extract (region_notes in the data
card): people within 2 %, hours exact.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema_rs
import networkx as nx
import pytest

from data.knowledge.reader import (
    asset_types,
    measures,
    services,
)
from data.prepare import numbers
from data.worlds.reader import read_world
from labels import page_labels
from layouts.feed.features import features
from layouts.feed.picture import packed, picture, unpacked
from models.cascade.reference.engine import run
from models.explain.causes import Case
from models.explain.savings import saving_changes
from models.impact.consequences import people_without
from models.impact.environment import spill_course, spilled_m3
from models.impact.people import EVERYBODY, distinct_people
from models.outcome import Outcome
from models.scenario import Event, Measure, Scenario
from models.units import to_hours
from models.world import ASSUMPTION, World
from tests.payloads import schema

REGION = Path(__file__).parents[2] / "data" / "regions" / "neubrandenburg"
INHABITANTS = 76_966
ZONES = ("low", "middle", "high", "villages")
NEUBRANDENBURG, FUENFEICHEN = "way/369596692", "way/93418613"
WARLINER, ZIRZOW = "way/93418617", "way/369595740"
PLANT, HOSPITAL, TOWER = "way/93418615", "way/210572994", "way/116761270"
TOWN_WATER, SEWAGE, WORKS = "assumed/town-water", "way/134938413", "way/391691248"
SEWERS, TOWN_HALL = "assumed/sewers-town", "way/30067004"


@cache
def world() -> World:
    return read_world(REGION)


@cache
def outcome_of(name: str) -> Outcome:
    return run(world(), scenario(name))


def scenario(name: str) -> Scenario:
    (path,) = (REGION / "scenarios").glob(f"{name}-*.json")
    return Scenario.from_dict(json.loads(path.read_text(encoding="utf-8")))


def people_at(outcome: Outcome, service: str, hour: float) -> float:
    steps = people_without(world(), outcome)[service]
    return [people for t, people in steps if to_hours(t) <= hour][-1]


def first_loss_h(outcome: Outcome, asset_id: str) -> float:
    return to_hours(outcome.assets[asset_id].first_loss_ms)


# --- the world -------------------------------------------------------------------------------


def test_nothing_is_lost_when_nothing_happens() -> None:
    outcome = run(world(), Scenario("neubrandenburg"))
    assert not outcome.assets
    assert not outcome.trace


def test_types_sectors_and_services_are_known() -> None:
    types = asset_types()
    for asset in world().assets.values():
        if not asset.is_junction:
            assert types[asset.asset_type].display_sector == asset.sector
            assert asset.name, asset.asset_id
            assert set(asset.provides) <= set(services())


def test_names_are_told_apart() -> None:
    names = Counter(
        (a.asset_type, a.name)
        for a in world().assets.values()
        if not a.is_junction and a.asset_type != "road_bridge" and a.origin != ASSUMPTION
    )
    repeated = [name for name, count in names.items() if count > 1]
    assert len(repeated) <= 5, repeated


def test_what_is_assumed_says_so() -> None:
    for thing in (*world().assets.values(), *world().links.values()):
        named = thing.asset_id if hasattr(thing, "asset_id") else thing.link_id
        if named.startswith("assumed/"):
            assert thing.origin == ASSUMPTION
            assert thing.confidence in ("C", "D")
    for group in world().groups.values():
        assert group.origin == ASSUMPTION or group.origin.startswith("D")
        assert group.confidence
        assert group.source


def test_few_assets_hide_their_state() -> None:
    assert WORKS in world().hidden
    assert 1 <= len(world().hidden) <= 15


@pytest.mark.parametrize(
    "service",
    ["electricity", "drinking_water", "waste_water", "fixed_telecom", "mobile_telecom",
     "acute_care"],
)  # fmt: skip
def test_everybody_is_served_once(service: str) -> None:
    assert sum(a.people for a in world().areas if a.service == service) == INHABITANTS


@pytest.mark.parametrize(
    ("asset_id", "service", "people"),
    [
        ("node/307182493", "fixed_telecom", 39_500),
        ("node/712955744", "fixed_telecom", 16_300),
        ("way/93365531", "fixed_telecom", 14_400),
        (SEWERS, "waste_water", 60_254),
        ("assumed/lifting/117830170", "waste_water", 2_573),
        ("assumed/water-zone/high", "drinking_water", 18_389),
        ("assumed/water-zone/middle", "drinking_water", 34_798),
    ],
)
def test_people_served(asset_id: str, service: str, people: int) -> None:
    areas = {(a.asset_id, a.service): a.people for a in world().areas}
    assert areas[asset_id, service] == pytest.approx(people, rel=0.03)


def test_heated_people_are_those_published() -> None:
    heated = sum(a.people for a in world().areas if a.service == "heat")
    assert heated == pytest.approx(27_000 * 1.75, rel=0.001)


def test_no_exchange_takes_the_mobile_network_and_no_site_hangs_on_one() -> None:
    sites = [a for a, x in world().assets.items() if x.asset_type == "mobile_site"]
    assert len(sites) == 39
    assert max(a.people for a in world().areas if a.service == "mobile_telecom") < 3_800
    for site in sites:
        (ring,) = (g for g in world().groups_of[site] if g.service == "backhaul")
        assert (len(ring.suppliers), ring.k, ring.confidence) == (2, 1, "D")
    for exchange in (a for a, x in world().assets.items() if x.asset_type == "telecom_exchange"):
        outcome = run(world(), Scenario("neubrandenburg", (Event(0, "fail", asset=exchange),)))
        assert max(people for _, people in people_without(world(), outcome)["mobile_telecom"]) == 0


def test_who_hangs_on_which_exchange_is_a_guess() -> None:
    exchanges = {a for a, x in world().assets.items() if x.asset_type == "telecom_exchange"}
    guessed = [g for g in world().groups.values() if {s.asset_id for s in g.suppliers} & exchanges]
    assert guessed
    assert {g.confidence for g in guessed} == {"D"}


def test_without_its_works_the_town_drains_on_and_spills() -> None:
    outcome = run(world(), Scenario("neubrandenburg", (Event(0, "fail", asset=SEWAGE),)))
    assert people_at(outcome, "waste_water", 168) == 0
    assert distinct_people(world(), outcome)[EVERYBODY].peak == 0
    assert spill_course(world(), outcome)[-1][1] == 73_662
    assert spilled_m3(world(), outcome) == pytest.approx(73_662 * 0.115 * 7)


def test_emergency_radio_lives_on_its_own_battery_from_the_moment_power_goes() -> None:
    outcome = outcome_of("s3")
    radios = [a for a, x in world().assets.items() if x.asset_type == "emergency_radio_site"]
    assert len(radios) == 3
    assert {first_loss_h(outcome, radio) for radio in radios} == {8}
    fire = "way/95504842"
    assert [to_hours(t) for t, _ in outcome.levels[fire]][:2] == [0, 8]


def test_the_crisis_staff_has_power_of_its_own() -> None:
    outcome = outcome_of("s3")
    assert TOWN_HALL not in outcome.assets or first_loss_h(outcome, TOWN_HALL) == 72


def test_the_hospital_needs_heat_water_and_sewers_and_treats_on_without_landlines() -> None:
    needs = {g.service: g for g in world().groups_of[HOSPITAL]}
    assert {"electricity", "drinking_water", "heat", "waste_water"} <= set(needs)
    assert needs["communications"].loss == 0
    blocked = run(world(), Scenario("neubrandenburg", (Event(0, "fail", asset=SEWERS),)))
    assert [to_hours(t) for t, _ in blocked.levels[HOSPITAL]] == [0, 4]


def test_a_cut_heat_pipe_cools_one_area_after_a_day() -> None:
    cut = Event(0, "fail", link="heat/n1701083051-n1701083308")
    outcome = run(world(), Scenario("neubrandenburg", events=(cut,)))
    cold = {a for a in outcome.assets if not world().assets[a].is_junction}
    assert cold == {"assumed/heat-area/1701083051"}
    assert first_loss_h(outcome, "assumed/heat-area/1701083051") == 24


def test_demand_is_half_a_kilowatt_a_head_and_may_be_an_evening_peak() -> None:
    demand = {f.asset_id: f.demand for f in world().flows}
    assert set(demand) == {NEUBRANDENBURG, FUENFEICHEN, WARLINER, ZIRZOW}
    assert sum(d or 0.0 for d in demand.values()) == pytest.approx(INHABITANTS * 0.0005, abs=0.05)
    bounds = [r for r in world().ranges if (r.table, r.column) == ("flows", "demand")]
    assert sum(r.low for r in bounds) == pytest.approx(INHABITANTS * 0.0003, abs=0.05)
    assert sum(r.high for r in bounds) == pytest.approx(INHABITANTS * 0.001, abs=0.05)
    assert {f.confidence for f in world().flows} == {"D"}
    assert all(f.source for f in world().flows)


def test_links_join_what_exists_and_run_where_they_are_mapped() -> None:
    for link in world().links.values():
        assert {link.from_id, link.to_id} <= set(world().assets)
        assert link.geometry is not None or link.length_m < 6000  # straight: not kept
        assert link.length_m and link.length_m > 0


def test_the_folder_is_small_and_names_its_licence() -> None:
    files = [f for f in REGION.rglob("*") if f.is_file()]
    assert sum(f.stat().st_size for f in files) < 2_000_000
    assert "Open Database License" in (REGION / "LICENSE").read_text(encoding="utf-8")
    assert "OpenStreetMap contributors" in (REGION / "NOTICE").read_text(encoding="utf-8")
    for source in json.loads((REGION / "sources.json").read_text(encoding="utf-8")):
        assert source["licence"]
        assert source["what_it_is_not"]


# --- 110 kV ----------------------------------------------------------------------------------


def dark(*events: Event) -> set[str]:
    """Return the 110/20 kV stations without supply right after the events."""
    outcome = run(world(), Scenario("neubrandenburg", events=events, horizon_h=0.0))
    stations = (NEUBRANDENBURG, FUENFEICHEN, WARLINER, ZIRZOW)
    return {
        s for s in stations if outcome.delivery.get((s, "electricity"), ((0, 1.0),))[-1][1] == 0.0
    }


@pytest.mark.parametrize(
    ("way", "stations"),
    [
        (174303456, {WARLINER}),
        (93418616, {WARLINER}),
        (202257154, {FUENFEICHEN}),
        (60347942, {ZIRZOW}),
        (93418610, set()),
        (93418609, set()),
        (29875016, set()),
        (60347939, set()),
        (369622912, set()),
    ],
)
def test_single_ways_that_darken_a_station(way: int, stations: set[str]) -> None:
    members = world().common_causes[f"corridor/way/{way}"].link_ids
    assert dark(*(Event(0, "fail", link=link) for link in members)) == stations


def test_the_380_kv_line_passes_and_harms_nobody_here() -> None:
    circuits = world().common_causes["corridor/way/31349206"].link_ids
    assert circuits == ("relation/109961", "relation/109962")
    cut = tuple(Event(0, "fail", link=link) for link in circuits)
    outcome = run(world(), Scenario("neubrandenburg", cut))
    assert not outcome.assets


def medium_voltage() -> list[set[str]]:
    """Return the junctions and stations of each piece of 20 kV line."""
    lines = (x for x in world().links.values() if x.name == "20 kV line")
    graph: nx.Graph[str] = nx.Graph((x.from_id, x.to_id) for x in lines)
    return list(nx.connected_components(graph))


def test_each_piece_of_20_kv_line_hangs_on_one_station_by_assumption() -> None:
    pieces = medium_voltage()
    assert len(pieces) == 27
    for piece in pieces:
        (feed,) = (end for end in piece if world().assets[end].source_of)
        (group,) = world().groups_of[feed]
        assert (group.origin, group.confidence) == (ASSUMPTION, "D")
        (station,) = group.suppliers
        assert world().assets[station.asset_id].asset_type == "substation_hv"
    on_lines = {end for piece in pieces for end in piece if not world().assets[end].is_junction}
    assert {world().assets[a].asset_type for a in on_lines} == {"substation_mv"}
    assert len(on_lines) == 9
    assert not any(world().groups_of.get(station) for station in on_lines)


def test_a_local_station_goes_dark_with_its_line_and_with_the_station_behind_it() -> None:
    station = "node/2095078082"
    near = [x.link_id for x in world().links.values() if station in (x.from_id, x.to_id)]
    cut = tuple(Event(0, "fail", link=link) for link in near)
    alone = run(world(), Scenario("neubrandenburg", cut)).assets
    assert alone[station].delivers_end["electricity"] == 0
    assert NEUBRANDENBURG not in alone and ZIRZOW not in alone
    behind = run(world(), Scenario("neubrandenburg", (Event(0, "fail", asset=ZIRZOW),))).assets
    assert behind[station].state_end == "failed-cascade"


def test_the_station_neubrandenburg_takes_warliner_strasse_with_it() -> None:
    assert dark(Event(0, "fail", asset=NEUBRANDENBURG)) == {NEUBRANDENBURG, WARLINER}


@pytest.mark.parametrize("boundary", ["north", "west", "southeast"])
def test_no_single_boundary_matters(boundary: str) -> None:
    assert dark(Event(0, "fail", asset=f"assumed/110kv-{boundary}")) == set()


def test_the_page_is_sent_what_the_types_say() -> None:
    labels = page_labels()
    drawn = [picture(world(), scenario(f"s{n}"), outcome_of(f"s{n}"), labels) for n in range(1, 6)]
    sent = {
        "features": [features(world(), labels, {})],
        "picture": [packed(item) for item in drawn],
        "plain_scenario": [scenario(f"s{n}").to_dict() for n in range(1, 6)],
    }
    refuses = jsonschema_rs.Draft202012Validator(schema())
    plain = json.loads(json.dumps(sent))
    assert [str(error)[:400] for error in refuses.iter_errors(plain)] == []
    assert [unpacked(item) for item in sent["picture"]] == drawn


# --- the three scenarios ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["s1", "s2", "s3", "s4", "s5"])
def test_scenarios_say_that_they_are_constructed(name: str) -> None:
    text = scenario(name)
    assert "constructed" in text.title
    assert "Constructed, not observed" in text.note


def test_s1_numbers_and_hours() -> None:
    outcome = outcome_of("s1")
    assert people_at(outcome, "electricity", 0) == pytest.approx(44_100, rel=0.02)
    assert first_loss_h(outcome, PLANT) == 0
    assert first_loss_h(outcome, TOWER) == 2
    assert people_at(outcome, "mobile_telecom", 2) == 42_718
    assert people_at(outcome, "waste_water", 3.9) == 0
    assert people_at(outcome, "waste_water", 4) == 4_954
    assert spill_course(world(), outcome)[1] == (2 * 3_600_000, pytest.approx(73_800, rel=0.02))
    assert people_at(outcome, "fixed_telecom", 7.9) == 0
    assert people_at(outcome, "fixed_telecom", 8) == pytest.approx(53_800, rel=0.02)
    assert people_at(outcome, "mobile_telecom", 8) == 42_718  # each site has a second exchange
    assert people_at(outcome, "heat", 23.9) == 0
    assert people_at(outcome, "heat", 24) == 39_029  # of 47,235
    assert people_at(outcome, "drinking_water", 48) == 0
    assert outcome.levels[HOSPITAL] == ((0, 1.0), (24 * 3_600_000, 0.7))  # cold


def test_s2_numbers_and_hours() -> None:
    outcome = outcome_of("s2")
    assert people_at(outcome, "electricity", 0) == pytest.approx(24_300, rel=0.02)
    assert people_at(outcome, "fixed_telecom", 8) == pytest.approx(23_100, rel=0.03)
    heat_plants = {a for a, x in world().assets.items() if x.asset_type == "heat_plant"}
    assert len(heat_plants) == 3
    assert {first_loss_h(outcome, plant) for plant in heat_plants} == {0}
    assert first_loss_h(outcome, HOSPITAL) == 48


def test_s3_numbers_and_hours() -> None:
    outcome = outcome_of("s3")
    assert people_at(outcome, "electricity", 0) == INHABITANTS
    assert people_at(outcome, "fixed_telecom", 8) == INHABITANTS
    assert first_loss_h(outcome, TOWN_WATER) == 0
    dry = {zone: first_loss_h(outcome, f"assumed/water-zone/{zone}") for zone in ZONES}
    assert dry == {"high": 12, "middle": 24, "villages": 24, "low": 36}
    levels = {to_hours(t): round(level, 6) for t, level in outcome.levels[HOSPITAL]}
    assert levels == {0: 1.0, 24: 0.4, 48: 0.1}


def test_an_island_capable_plant_carries_the_region() -> None:
    island = Measure("add_source", PLANT, "electricity", supply=73.3)
    outcome = run(world(), replace(scenario("s3"), measures=(island,)))
    assert people_at(outcome, "electricity", 72) == 0


@pytest.mark.parametrize("station", [NEUBRANDENBURG, WARLINER, ZIRZOW])
def test_what_would_have_kept_a_station_is_the_plant_with_its_own_capacity(station: str) -> None:
    feeders = {t.asset_type for t in asset_types().values() if t.can_feed}
    case = Case(world(), scenario("s3"), outcome_of("s3"))
    savings = saving_changes(case, station, feeder_types=feeders, is_possible=measures())
    (island,) = (s.measure for s in savings if "able to run islanded" in s.text)
    assert island == Measure("add_source", PLANT, "electricity", supply=73.3)


def test_s4_a_black_start_before_the_water_is_gone_frees_everything() -> None:
    outcome = outcome_of("s4")
    assert people_at(outcome, "electricity", 19.9) == INHABITANTS
    assert people_at(outcome, "electricity", 24) == 0
    assert people_at(outcome, "drinking_water", 72) == 0
    assert not outcome.deadlocks


def test_s5_a_late_black_start_meets_a_deadlock_of_power_water_and_plant() -> None:
    outcome = outcome_of("s5")
    (deadlock,) = outcome.deadlocks
    assert {PLANT, TOWN_WATER, NEUBRANDENBURG} <= set(deadlock.assets)
    assert {(s.asset, s.service) for s in deadlock.breaking} >= {(TOWN_WATER, "electricity")}
    assert people_at(outcome, "electricity", 72) == INHABITANTS


# --- rebuilding ------------------------------------------------------------------------------


def raw_extract() -> Path | None:
    stated = os.environ.get("KNOCKON_OSM_EXTRACT")
    beside = REGION.parents[3] / "shared/data/osm/neubrandenburg_2016-02-10.osm.bz2"
    extract = Path(stated) if stated else beside
    return extract if extract.is_file() else None


@pytest.mark.skipif(raw_extract() is None, reason="no raw extract: set KNOCKON_OSM_EXTRACT")
def test_rebuilding_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("osmium", reason="osmium reads the raw extract; a maintainer's tool")
    from data.prepare import fetch, neubrandenburg

    raw = raw_extract()
    assert raw is not None
    (tmp_path / "base").mkdir()
    shutil.copy(REGION / "base" / "generation.csv", tmp_path / "base")
    neubrandenburg.build(fetch.verified(raw, fetch.OSM_SHA256), None, tmp_path)
    for built in sorted(f for f in tmp_path.rglob("*") if f.is_file()):
        kept = REGION / built.relative_to(tmp_path)
        assert built.read_bytes() == kept.read_bytes(), kept.name


def test_the_plant_has_its_listed_capacity() -> None:
    with (REGION / "base" / "generation.csv").open(encoding="utf-8") as file:
        largest = max(csv.DictReader(file), key=lambda row: float(row["capacity_mw"]))
    assert float(largest["capacity_mw"]) == pytest.approx(73.3, abs=0.1)
    plant = world().assets[PLANT]
    assert abs(float(largest["lon"]) - plant.lon) < 0.002
    assert (plant.capacity, plant.unit) == (73.3, "MW")
    assert f"powerplantmatching 0.9.1, unit {largest['id']}" in plant.source


def test_the_data_card_shows_every_number_of_the_table() -> None:
    card = (REGION.parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    for name, number in numbers.table().items():
        row = f"| `{name}` | {number.value:g} | {number.unit} | {number.confidence} |"
        assert row in card, row
        assert number.confidence in ("A", "B", "C", "D")
        assert number.source
