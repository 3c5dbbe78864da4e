"""The invented harbour city: rebuilt bit for bit, whole in itself, and what is built in bites."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from data.documents.exercises import read_exercise
from data.documents.scenarios import read_scenario
from data.knowledge.reader import FOLDER, asset_types, measures, services
from data.prepare.harbour.__main__ import main
from data.prepare.harbour.chance import apportioned
from data.worlds.reader import check_world, embedded_regions, read_world
from models.cascade.reference.engine import run
from models.cascade.timed.engine import run as run_timed
from models.impact.consequences import people_without
from models.outcome import Outcome
from models.scenario import Event, Scenario
from models.units import to_hours
from models.world import DECLARED, JUNCTION, World

REGION = Path(__file__).parents[2] / "data" / "regions" / "merrowhaven"
SCENARIOS = sorted(path.stem for path in (REGION / "scenarios").glob("*.json"))
CONVERTER, EXCHANGE, PLANT = "plant/converter", "exchange/holm", "plant/chp"
HOLM_PEOPLE = 14_222


@cache
def world() -> World:
    return read_world(REGION)


def scenario(name: str) -> Scenario:
    (path,) = (REGION / "scenarios").glob(f"{name}-*.json")
    return read_scenario(path, world())


@cache
def outcome_of(name: str) -> Outcome:
    return run(world(), scenario(name))


def with_event(name: str, event: Event) -> Outcome:
    before = scenario(name)
    return run(world(), Scenario(before.world, (*before.events, event), horizon_h=72.0))


def first_loss_h(outcome: Outcome, asset: str) -> float | None:
    if asset not in outcome.assets:
        return None
    return to_hours(outcome.assets[asset].first_loss_ms)


def people_at(outcome: Outcome, service: str, hour: float) -> float:
    steps = people_without(world(), outcome)[service]
    return [people for t, people in steps if to_hours(t) <= hour][-1]


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- the generator ---------------------------------------------------------------------------


def test_the_committed_folder_is_what_the_generator_writes(tmp_path: Path) -> None:
    assert main(["--seed", "1", "--assets", "800", "--out", str(tmp_path / "w")]) == 0
    assert files_of(tmp_path / "w") == files_of(REGION)


def test_the_folder_is_small() -> None:
    assert sum(len(body) for body in files_of(REGION).values()) < 3_000_000


@pytest.mark.parametrize(("seed", "assets"), [(2, 500), (7, 801), (1, 1_600)])
def test_other_seeds_and_sizes_are_whole_worlds_too(tmp_path: Path, seed: int, assets: int) -> None:
    assert main(["--seed", str(seed), "--assets", str(assets), "--out", str(tmp_path)]) == 0
    checked = check_world(tmp_path)
    assert checked.problems == checked.warnings == ()
    other = checked.world
    assert other is not None
    assert sum(asset.asset_type != JUNCTION for asset in other.assets.values()) == assets
    assert not run(other, Scenario("merrowhaven")).trace
    assert sum(cell.people for cell in other.cells.values()) == assets * 320
    for path in (tmp_path / "scenarios").glob("*.json"):
        assert run(other, read_scenario(path, other)).trace


@pytest.mark.parametrize("assets", ["0", "499", "-800", "1000000"])
def test_impossible_sizes_are_refused_with_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], assets: str
) -> None:
    assert main(["--assets", assets, "--out", str(tmp_path / "w")]) == 2
    assert "assets: from 500 to" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("total", [0, 1, 7, 100])
def test_apportioned_parts_add_up(total: int) -> None:
    parts = apportioned(total, {"a": 1.0, "b": 2.5, "c": 0.01})
    assert sum(parts.values()) == total
    assert min(parts.values()) >= 0


# --- the world -------------------------------------------------------------------------------


def test_it_is_embedded_beside_the_default() -> None:
    assert embedded_regions() == ("merrowhaven", "neubrandenburg")


def test_validation_has_nothing_to_remark() -> None:
    checked = check_world(REGION)
    assert checked.problems == checked.warnings == ()


def test_all_eleven_sectors_of_the_directive_are_there() -> None:
    with (FOLDER / "sectors.csv").open(encoding="utf-8", newline="") as file:
        annex = {row["asset_type"]: row["cer_annex"].split(" ")[0] for row in csv.DictReader(file)}
    present = {annex.get(asset.asset_type, "") for asset in world().assets.values()}
    assert present >= {str(number) for number in range(1, 12)}


def test_everything_is_known_declared_and_said_to_be_invented() -> None:
    for asset in world().assets.values():
        assert asset.asset_type == JUNCTION or asset.asset_type in asset_types()
        assert {*asset.provides, *asset.source_of} <= set(services())
        assert (asset.origin, asset.confidence, asset.source) == (DECLARED, "D", "invented")
    for group in world().groups.values():
        assert (group.origin, group.confidence) == (DECLARED, "D")
        assert group.source.startswith("invented")
        for supplier in group.suppliers:
            assert group.service in world().assets[supplier.asset_id].provides or (
                world().assets[supplier.asset_id].asset_type == JUNCTION
            )
    assert not world().unknown_needs
    assert all(serving.origin == DECLARED for serving in world().servings)


def test_nothing_is_lost_when_nothing_happens() -> None:
    assert not run(world(), Scenario("merrowhaven")).assets


def test_supply_covers_demand_in_normal_operation() -> None:
    supply: dict[str, float] = defaultdict(float)
    demand: dict[str, float] = defaultdict(float)
    for flow in world().flows:
        supply[flow.service] += flow.supply or 0.0
        demand[flow.service] += flow.demand or 0.0
    assert set(supply) == {"electricity", "drinking_water", "sewage_treatment", "gas", "heat"}
    assert all(demand[service] < supply[service] for service in supply)
    assert demand["electricity"] > 200


def test_hospitals_have_a_day_of_diesel() -> None:
    groups = [g for g in world().groups.values() if g.service == "electricity"]
    hospitals = [g for g in groups if world().assets[g.consumer_id].asset_type == "hospital"]
    assert len(hospitals) == 3
    assert all(group.autonomy_h == 24 and group.recharge_h > 0 for group in hospitals)


def test_a_cut_20_kv_ring_serves_everybody_from_its_other_end() -> None:
    ring = [link for link in world().links.values() if link.voltage_kv == 20]
    assert len(ring) > 100
    for link in ring[::9]:
        outcome = run(world(), Scenario("merrowhaven", (Event(0, "fail", link=link.link_id),)))
        assert not outcome.assets, link.link_id


def test_cells_have_areas_and_groups_of_people() -> None:
    cells = world().cells.values()
    assert sum(cell.people for cell in cells) == 256_000
    assert all(cell.geometry is not None and cell.municipality for cell in cells)
    names = {name for cell in cells for name, _ in cell.groups}
    assert names == {"over_80", "care_at_home", "dialysis"}


# --- what is built in ------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_fast_engine_gives_the_outcome_of_the_reference(name: str) -> None:
    case = read_scenario(REGION / "scenarios" / f"{name}.json", world())
    slow, fast = run(world(), case), run_timed(world(), case)
    assert fast.trace == slow.trace
    assert fast.assets == slow.assets
    assert fast.deadlocks == slow.deadlocks


@pytest.mark.parametrize("name", SCENARIOS)
def test_titles_say_that_it_is_constructed(name: str) -> None:
    plain = json.loads((REGION / "scenarios" / f"{name}.json").read_text(encoding="utf-8"))
    assert plain["title"].endswith("(constructed)")
    assert plain["note"].startswith("Constructed, in an invented city.")


def test_a_burnt_station_ends_card_payments_three_days_later() -> None:
    outcome = outcome_of("s1")
    assert first_loss_h(outcome, EXCHANGE.replace("holm", "old-harbour")) == 8
    assert first_loss_h(outcome, "fmi/clearing") == 48
    assert first_loss_h(outcome, "pay/cards") == first_loss_h(outcome, "pay/instant") == 72


def test_the_bridge_takes_every_second_supply_of_holm() -> None:
    corridor = world().common_causes["corridor/harbour-bridge"]
    assert len(corridor.link_ids) == 6
    assert corridor.beta is not None
    carried = [world().links[link].service for link in corridor.link_ids]
    assert {service: carried.count(service) for service in carried} == {
        "electricity": 2, "drinking_water": 2, "backhaul": 2,
    }  # fmt: skip
    outcome = outcome_of("s2")
    assert people_at(outcome, "electricity", 0) == HOLM_PEOPLE
    assert people_at(outcome, "drinking_water", 12) == HOLM_PEOPLE
    assert first_loss_h(outcome, "gas/lng") == 4
    assert first_loss_h(outcome, "air/airport") == 72


def test_one_of_the_two_cables_alone_is_enough_for_holm() -> None:
    corridor = world().common_causes["corridor/harbour-bridge"]
    events = [Event(0, "fail", asset=CONVERTER)]
    cables = [link for link in corridor.link_ids if link.startswith("electricity")]
    outcome = run(world(), Scenario("merrowhaven", (*events, Event(0, "fail", link=cables[0]))))
    assert "hv/holm" not in outcome.assets


def test_power_and_telephone_wait_for_each_other_until_a_generator_comes() -> None:
    whole = scenario("s3")
    alone = [event for event in whole.events if event.do != "supply"]
    stuck = run(world(), Scenario(whole.world, tuple(alone), horizon_h=72.0))
    (deadlock,) = stuck.deadlocks
    assert {CONVERTER, EXCHANGE} <= set(deadlock.assets)
    assert len(deadlock.breaking) == 1
    assert people_at(stuck, "electricity", 72) == HOLM_PEOPLE
    freed = outcome_of("s3")
    assert not freed.deadlocks
    assert people_at(freed, "electricity", 20) == HOLM_PEOPLE
    assert people_at(freed, "electricity", 24) == 0


def test_a_converter_ready_before_the_battery_ends_needs_no_generator() -> None:
    whole = scenario("s3")
    events = [event for event in whole.events if event.do == "fail"]
    early = Scenario(whole.world, (*events, Event(6, "repair", asset=CONVERTER)), horizon_h=72.0)
    outcome = run(world(), early)
    assert not outcome.deadlocks
    assert people_at(outcome, "electricity", 8) == 0


def test_a_black_start_in_time_and_one_too_late() -> None:
    in_time, late = outcome_of("s4"), outcome_of("s5")
    assert not in_time.deadlocks
    assert people_at(in_time, "electricity", 12) < 0.4 * 256_000
    assert people_at(in_time, "drinking_water", 72) == 0
    (deadlock,) = late.deadlocks
    assert PLANT in deadlock.assets
    assert people_at(late, "drinking_water", 72) > 200_000


def test_a_generator_at_the_river_intake_breaks_the_late_deadlock() -> None:
    (deadlock,) = outcome_of("s5").deadlocks
    (way,) = deadlock.breaking
    assert (way.asset, way.service) == (PLANT, "cooling_water")
    assert not measures()("supply", "cooling_water", "power_plant")
    assert measures()("supply", "electricity", "water_source")
    freed = with_event("s5", Event(40, "supply", asset="water/intake", service="electricity"))
    assert not freed.deadlocks
    assert people_at(freed, "electricity", 60) < 0.4 * 256_000
    assert people_at(freed, "drinking_water", 72) == 0


def test_the_exercise_turns_on_the_generator() -> None:
    (path,) = (REGION / "exercises").glob("*.json")
    plan = read_exercise(path, world())
    assert plan.title == "A ship, an island and no money"
    injects = json.loads(path.read_text(encoding="utf-8"))["injects"]
    cards = {
        option: first_loss_h(run(world(), _played(injects, option)), "pay/cards")
        for option in next(inject for inject in injects if inject["id"] == "generator")["options"]
    }
    assert cards == {"Exchange Holm": None, "Holm tank farm": 30, "Fire station Holm": 30}


def _played(injects: list[dict], option: str) -> Scenario:
    """Return the course of the exercise if the room answers with an option."""
    verbs = {"knock_out": "fail", "repair": "repair", "supply": "supply"}
    events = []
    for inject in injects:
        if inject["kind"] not in verbs or inject.get("when", {}).get("option") not in (
            None,
            option,
        ):
            continue
        more = {name: inject[name] for name in ("service", "until_h") if name in inject}
        things = [{"asset": key} for key in inject.get("assets", [])]
        things += [{"link": key} for key in inject.get("links", [])]
        events += [
            Event(inject["at_h"], verbs[inject["kind"]], **thing, **more) for thing in things
        ]
    return Scenario("merrowhaven", tuple(events), horizon_h=96.0)
