"""Foreign scenarios: one line per problem, each with its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.documents.scenarios import (
    parse_scenario,
    read_scenario,
    ready_scenarios,
    scenario_sha256,
    scenario_warnings,
)
from data.languages import PSEUDO
from data.worlds.reader import embedded_regions, find_world, read_world
from models.errors import BadInputError
from models.scenario import Event, Measure, Scenario
from models.wording import speaking


def lines(plain, world):
    with pytest.raises(BadInputError) as caught:
        parse_scenario(plain, world)
    return caught.value.problems


def event(**fields):
    return {"world": "tiny", "events": [{"at_h": 0, "do": "fail", "asset": "grid"} | fields]}


def measure(**fields):
    return {"world": "tiny", "measures": [fields]}


def test_a_whole_scenario_is_read(tiny_world):
    plain = {
        "world": "tiny",
        "title": "Storm",
        "note": "as in 2013",
        "seed": 7,
        "horizon_h": 72,
        "repairs": "typical",
        "events": [
            {"at_h": 0, "do": "fail", "asset": "grid", "note": "tower down"},
            {"at_h": 0.5, "do": "fail", "link": "line"},
            {"at_h": 1, "do": "degrade", "asset": "works", "to": 0.4},
            {"at_h": 30, "do": "repair", "link": "line"},
            {"at_h": 6, "do": "supply", "asset": "works", "service": "electricity", "until_h": 48},
        ],
        "measures": [
            {"do": "add_autonomy", "asset": "works", "service": "electricity", "hours": 24},
            {"do": "add_supplier", "asset": "works", "service": "electricity", "supplier": "plant"},
            {"do": "add_source", "asset": "grid", "service": "electricity", "supply": 3},
        ],
    }
    scenario = parse_scenario(plain, tiny_world)
    assert scenario.events[2] == Event(1.0, "degrade", asset="works", to=0.4)
    assert scenario.measures[0] == Measure("add_autonomy", "works", "electricity", hours=24.0)
    assert scenario.to_dict() == plain
    assert parse_scenario(scenario.to_dict(), tiny_world) == scenario


def test_what_is_left_out_has_the_documented_defaults(tiny_world):
    assert parse_scenario({"world": "tiny"}, tiny_world) == Scenario("tiny", horizon_h=168.0)


BAD = {
    "not an object": ([], "the scenario: [] is not an object."),
    "nothing": (None, "the scenario: null is not an object."),
    "empty": ({}, "world: missing."),
    "misspelt field": ({"world": "tiny", "event": []}, "event: no such field. Did you mean 'ev"),
    "misspelt in an event": (event(aset="grid"), "events[0].aset: no such field. Did you mean 'a"),
    "foreign field": (event(to=0.5), "events[0].to: no such field. It has at_h, p, note, do"),
    "unknown asset": (event(asset="gird"), "events[0].asset: no asset 'gird' in this world. Did"),
    "unknown link": (
        {"world": "tiny", "events": [{"at_h": 0, "do": "repair", "link": "lin"}]},
        "events[0].link: no link 'lin' in this world. Did you mean 'line'?",
    ),
    "both": (event(link="line"), "events[0]: 'fail' needs either an asset or a link."),
    "neither": (
        {"world": "tiny", "events": [{"at_h": 0, "do": "repair"}]},
        "events[0]: 'repair' needs either an asset or a link.",
    ),
    "NaN": (event(at_h=float("nan")), "events[0].at_h: NaN is not a finite number."),
    "infinite": (event(at_h=float("inf")), "events[0].at_h: Infinity is not a finite number."),
    "negative": (event(at_h=-1), "events[0].at_h: -1 is below 0."),
    "text for a number": (event(at_h="1"), 'events[0].at_h: "1" is not a number.'),
    "flag for a number": (event(at_h=True), "events[0].at_h: true is not a number."),
    "level": (event(do="degrade", to=1.5), "events[0].to: 1.5 is above 1."),
    "no level": (event(do="degrade"), "events[0].to: missing."),
    "kind": (event(do="fial"), "events[0].do: no such kind. Did you mean 'fail'?"),
    "no kind": ({"world": "tiny", "events": [{"at_h": 0}]}, "events[0].do: missing."),
    "event no object": ({"world": "tiny", "events": [3]}, "events[0]: 3 is not an object."),
    "never": (event(p=0), "events[0].p: 0 must be above 0."),
    "more than sure": (event(p=1.01), "events[0].p: 1.01 is above 1."),
    "common cause": (
        {"world": "tiny", "common_cause": True},
        "common_cause: true is not one of 'none' or 'sampled'.",
    ),
    "horizon": ({"world": "tiny", "horizon_h": 1e6}, "horizon_h: 1000000.0 is above 87,600."),
    "seed": ({"world": "tiny", "seed": 1.5}, "seed: 1.5 is not a whole number."),
    "repairs": ({"world": "tiny", "repairs": "all"}, "repairs: \"all\" is not one of 'none' or 't"),
    "long text": ({"world": "tiny", "note": "x" * 3000}, "note: longer than 2000 characters."),
    "too many": (
        {"world": "tiny", "events": [{"at_h": 0, "do": "fail", "asset": "grid"}] * 2_001},
        "events: A scenario holds at most 2000 events and 1000 measures.",
    ),
    "supply without need": (
        event(do="supply", asset="grid", service="electricity"),
        "events[0].service: 'grid' has no dependency on 'electricity'. It needs nothing",
    ),
    "supply of another service": (
        event(do="supply", asset="clinic", service="electrcity"),
        "events[0].service: 'clinic' has no dependency on 'electrcity'. Did you mean 'elec",
    ),
    "until before at": (
        event(do="supply", asset="clinic", service="electricity", at_h=5, until_h=5),
        "events[0].until_h: 5 is not after at_h (5).",
    ),
    "no hours": (
        measure(do="add_autonomy", asset="works", service="electricity", hours=0),
        "measures[0].hours: 0 must be above 0.",
    ),
    "no supplier": (
        measure(do="add_supplier", asset="works", service="electricity"),
        "measures[0].supplier: missing.",
    ),
    "unknown supplier": (
        measure(do="add_supplier", asset="works", service="electricity", supplier="plan"),
        "measures[0].supplier: no asset 'plan' in this world. Did you mean 'plant'?",
    ),
    "measure without need": (
        measure(do="add_autonomy", asset="plant", service="gas", hours=5),
        "measures[0].service: 'plant' has no dependency on 'gas'.",
    ),
    "source of nothing": (
        measure(do="add_source", asset="grid", service="gas"),
        "measures[0].service: no link carries 'gas'. Links carry electricity.",
    ),
    "negative supply": (
        measure(do="add_source", asset="grid", service="electricity", supply=-1),
        "measures[0].supply: -1 must be above 0.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_scenario_is_told_in_one_line(tiny_world, case):
    plain, text = BAD[case]
    (line,) = lines(plain, tiny_world)
    assert line.startswith(text)


def test_whatever_is_wrong_is_said_in_the_language_that_is_spoken(tiny_world):
    with speaking(PSEUDO):
        for plain, _text in BAD.values():
            (line,) = lines(plain, tiny_world)
            _place, said = line.split(": ", 1)
            assert said.startswith("⟦"), line
            assert said.endswith("⟧"), line


def test_every_problem_has_its_line(tiny_world):
    plain = event(asset="gird")
    plain["events"].append({"at_h": 0, "do": "fail", "asset": "werks"})
    assert len(lines(plain, tiny_world)) == 2


def test_a_scenario_for_another_world_says_so_where_it_does_not_fit(tiny_world):
    first, second = lines(event(asset="x/1") | {"world": "elsewhere"}, tiny_world)
    assert first == "world: the scenario is for 'elsewhere', this is 'tiny'."
    assert second.endswith("Is the scenario for another world?")


def test_odd_but_allowed_is_warned_of(tiny_world):
    scenario = Scenario("other", (Event(200.0, "fail", asset="grid"),))
    assert scenario_warnings(scenario, tiny_world) == (
        "the scenario is for world 'other', this is 'tiny'.",
        "events[0]: after the horizon of 168 h.",
    )
    (warning,) = scenario_warnings(Scenario("tiny"), tiny_world)
    assert warning.startswith("no events")


def test_chance_is_kept_and_a_single_run_says_that_it_has_none(tiny_world):
    plain = event(p=0.25) | {"common_cause": "sampled"}
    scenario = parse_scenario(plain, tiny_world)
    assert (scenario.events[0].p, scenario.common_cause) == (0.25, "sampled")
    assert parse_scenario(scenario.to_dict(), tiny_world) == scenario
    assert [line.split(";")[0] for line in scenario_warnings(scenario, tiny_world)] == [
        "a single run takes all events as happening, also the 1 with a p.",
        "a single run samples no common causes",
    ]
    assert scenario_warnings(scenario, tiny_world, ensemble=True) == ()


def test_without_chance_the_plain_form_and_its_hash_are_as_before(tiny_world):
    scenario = parse_scenario(event(), tiny_world)
    assert "common_cause" not in scenario.to_dict()
    assert scenario.to_dict()["events"] == [{"at_h": 0.0, "do": "fail", "asset": "grid"}]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "scenario.json: the file is empty."),
        (b"{,}", "scenario.json, line 1, character 2: not valid JSON"),
        (b"\xff\xfe", "scenario.json, line 1: not UTF-8"),
        (b"[" * 50_000, "scenario.json: JSON that is nested too deep"),
        (b'{"world": "tiny", "seed": ' + b"9" * 5000 + b"}", "scenario.json: JSON that is nested"),
        (b"{}", "scenario.json: world: missing."),
    ],
)
def test_a_broken_file_is_told_by_name(tmp_path, tiny_world, content, text):
    path = tmp_path / "scenario.json"
    path.write_bytes(content)
    with pytest.raises(BadInputError) as caught:
        read_scenario(path, tiny_world)
    assert caught.value.problems[0].startswith(text)


def test_a_file_is_read(tiny_scenario_file, tiny_world):
    assert read_scenario(tiny_scenario_file, tiny_world).events[0].asset == "grid"


def test_the_hash_does_not_tell_168_from_168_0():
    scenario = Scenario("w", (Event(1, "fail", asset="a"),), horizon_h=168)
    other = Scenario("w", (Event(1.0, "fail", asset="a"),), horizon_h=168.0)
    assert scenario_sha256(scenario) == scenario_sha256(other)
    assert scenario_sha256(scenario) != scenario_sha256(Scenario("w", horizon_h=168))


def test_ready_scenarios_are_listed_by_title(tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a.json").write_text(json.dumps({"title": "Storm"}))
    (tmp_path / "scenarios" / "b.json").write_text("{")
    listed = [(title, path.name) for title, path in ready_scenarios(tmp_path)]
    assert listed == [("Storm", "a.json"), ("b", "b.json")]
    assert ready_scenarios(tmp_path / "nowhere") == []


@pytest.mark.parametrize("region", embedded_regions())
def test_the_ready_scenarios_fit_their_region(region):
    path = find_world(region)
    world = read_world(path)
    for _, file in ready_scenarios(path):
        warnings = scenario_warnings(read_scenario(file, world), world)
        # events that may not happen are told, as a single run takes them as happening
        uncertain = file.stem in ("h4-control-product", "h6-quake-slide-release")
        assert len(warnings) == uncertain
        assert all("a single run takes" in text for text in warnings)


names = st.text(min_size=1, max_size=5)
hours = st.floats(0, 87_600)
events = st.one_of(
    st.builds(Event, hours, st.sampled_from(["fail", "repair"]), asset=names, note=st.text()),
    st.builds(Event, hours, st.just("fail"), link=names),
    st.builds(Event, hours, st.just("degrade"), asset=names, to=st.floats(0, 1)),
    st.builds(Event, hours, st.just("supply"), asset=names, service=names, until_h=hours),
)
measures = st.one_of(
    st.builds(Measure, st.just("add_autonomy"), names, names, hours=hours),
    st.builds(Measure, st.just("add_supplier"), names, names, supplier=names),
    st.builds(Measure, st.just("add_source"), names, names, supply=st.none() | hours),
)
scenarios = st.builds(
    Scenario,
    names,
    st.lists(events, max_size=4).map(tuple),
    st.lists(measures, max_size=3).map(tuple),
    hours,
    st.sampled_from(["none", "typical"]),
    st.integers(0, 2**53 - 1),
    st.text(),
    st.text(),
)


@given(scenario=scenarios)
def test_to_dict_and_back_is_the_same(scenario):
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    assert Scenario.from_dict(json.loads(json.dumps(scenario.to_dict()))) == scenario
