"""The ready exercises of the embedded region do what their notes say, by the engine."""

from pathlib import Path

import pytest

from data.documents.exercises import ready_exercises
from data.documents.scenarios import parse_scenario
from data.worlds.reader import find_world, read_world
from models.cascade.timed.engine import run
from models.exercise.predictions import falls
from models.impact.people import EVERYBODY, distinct_people

STORM, WATER = "e1-winter-storm", "e2-exchange-and-water"
GENERATOR = {"plant": "Gas plant, to start it", "works": "Water works at Teschendorf",
             "clinic": "Dr.-Bonhoeffer-Klinikum"}  # fmt: skip


@pytest.fixture(scope="module")
def world():
    return read_world(find_world("neubrandenburg"))


@pytest.fixture(scope="module")
def ready(world):
    return ready_exercises(Path(find_world("neubrandenburg")), world)


def injects(plan, answer=None):
    """Return the injects that come where the room gives one answer to the planned question."""
    return [
        inject for inject in plan.injects
        if inject.when is None or inject.when.test != "answered" or inject.when.option == answer
    ]  # fmt: skip


def outcome(world, plan, upto, answer=None):
    """Return the outcome after all injects up to one."""
    events = []
    for inject in injects(plan, answer):
        events += inject.events()
        if inject.id == upto:
            break
    else:
        raise AssertionError(f"no inject {upto} with the answer {answer}")
    events.sort(key=lambda event: event["at_h"])
    return run(world, parse_scenario({**plan.scenario, "events": events}, world))


def failing(world, plan, question, answer=None, after=None):
    """Return when what fails in the window of a planned prediction, by name."""
    question_inject = plan.inject(question)
    result = outcome(world, plan, after or question, answer)
    until = question_inject.at_h + question_inject.bands_h[-1]
    return {
        world.label(fall.asset): fall.at_h
        for fall in falls(world, result, question_inject.at_h, until)
    }


def test_both_are_there_and_fill_the_time_they_claim(ready):
    assert set(ready) == {STORM, WATER}
    lasts = {name: max(inject.at_min for inject in plan.injects) for name, plan in ready.items()}
    assert lasts == {STORM: 110, WATER: 90}
    for plan in ready.values():
        kinds = {inject.kind for inject in plan.injects}
        assert kinds == {"message", "knock_out", "repair", "supply", "status_report", "question"}
        assert len(plan.roles) == 5


def lacking_hours(world, found):
    """Return the person-hours without each service at home."""
    services = distinct_people(world, found)[EVERYBODY].services
    return {service: value.person_hours for service, value in services.items()}


@pytest.mark.parametrize("name", [STORM, WATER])
def test_every_inject_that_changes_something_changes_the_outcome(world, ready, name):
    plan = ready[name]
    branches = {inject.when.option for inject in plan.injects if inject.when and inject.when.option}
    # what brings back what nothing feeds yet, and water for a plant that nobody needs
    idle = {"checked", "line-back", "grid-back", "tank-plant"}
    for answer in branches:
        before = lacking_hours(world, run(world, parse_scenario(dict(plan.scenario), world)))
        for inject in injects(plan, answer):
            if not inject.changes_scenario:
                continue
            after = lacking_hours(world, outcome(world, plan, inject.id, answer))
            assert after != before or inject.id in idle, (inject.id, answer)
            # of everybody who lacks something no service may change, so each service is looked at
            worse = any(after[service] > before[service] for service in after)
            assert worse == (inject.kind == "knock_out"), (inject.id, answer)
            before = after


def test_storm_the_first_prediction_has_what_the_note_tells(world, ready):
    failed = failing(world, ready[STORM], "predict-1")
    assert failed["Mobile site Zachow"] == failed["Klärwerk Usadel"] == 2
    assert failed["Telephone exchange Bergstraße"] == 8
    assert failed["Telephone exchange Burg Stargard"] == 8
    assert failed["Wasserwerk at Teschendorf"] == 24
    lifted = {at_h for name, at_h in failed.items() if name.startswith("Sewage lift station")}
    assert lifted == {4}


def test_storm_the_generator_decides_about_the_town_water(world, ready):
    plan = ready[STORM]
    found = {key: failing(world, plan, "predict-2", answer) for key, answer in GENERATOR.items()}
    high, middle = ("Drinking water, high zone", "Drinking water, middle zone")
    assert {key: dry.get(high) for key, dry in found.items()} == dict.fromkeys(GENERATOR, 18)
    assert {key: dry.get(middle) for key, dry in found.items()} == {
        "plant": None, "works": 30, "clinic": 30,
    }  # fmt: skip
    locked = {key: bool(outcome(world, plan, f"gen-{key}", answer).deadlocks)
              for key, answer in GENERATOR.items()}  # fmt: skip
    assert locked == {"plant": False, "works": True, "clinic": True}
    saved = outcome(world, plan, "gen-plant", GENERATOR["plant"])
    back = [item.t_ms for item in saved.states["way/93418615"] if item.state == "working"]
    assert back == [20 * 3_600_000], "the plant carries the region from 20 h on"


def test_water_the_exchange_takes_what_the_note_tells_and_nothing_later(world, ready):
    failed = failing(world, ready[WATER], "predict-1", after="cable")
    assert set(failed.values()) == {1}
    assert "Telephone exchange Ponyweg" in failed
    assert not [name for name in failed if name.startswith(("Mobile site", "Funkturm"))]
    assert len(failed) == 1 + 17


def test_water_two_exchanges_take_the_mobile_sites_between_them(world, ready):
    lost = outcome(world, ready[WATER], "second", "Gas plant, for cooling").assets
    assert sum(world.assets[a].asset_type == "mobile_site" for a in lost) == 4
    assert "way/210572994" not in lost, "a hospital without landlines treats on"


@pytest.mark.parametrize(
    ("answer", "fails"),
    [
        ("Dr.-Bonhoeffer-Klinikum", {"GuD-Kraftwerk Neubrandenburg"}),
        ("Gas plant, for cooling", {"Dr.-Bonhoeffer-Klinikum"}),
        ("Public taps in the centre", {"Dr.-Bonhoeffer-Klinikum", "GuD-Kraftwerk Neubrandenburg"}),
    ],
)
def test_water_who_gets_no_tanker_falls_at_20_h(world, ready, answer, fails):
    failed = failing(world, ready[WATER], "predict-2", answer)
    assert failed == dict.fromkeys(fails, 20)
