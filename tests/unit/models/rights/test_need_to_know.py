"""The world redacted for a clearance, and answers about the whole world redacted likewise."""

import dataclasses
import json
from dataclasses import make_dataclass

import pytest

from data.languages import PSEUDO
from data.worlds.reader import read_world
from layouts.feed.features import features
from layouts.feed.picture import picture
from layouts.words import Labels, ServiceWords
from models.access import LABELS
from models.cascade.timed.engine import run
from models.explain import why as explain
from models.explain.causes import Case
from models.explain.savings import Saving
from models.outcome import Deadlock, Supply
from models.rights.need_to_know import WHOLE, labels_in_use, view_of
from models.rights.scrubbing import Scrubber
from models.rights.views import texts_of, view
from models.scenario import Event, Measure, Scenario
from models.wording import speaking
from models.world import (
    Asset,
    CommonCause,
    Flow,
    Group,
    Link,
    Marking,
    ServiceArea,
    UnknownNeed,
)
from tests.labelled import labelled_world, leaks, write_labelled


@pytest.fixture
def town(tmp_path):
    return labelled_world(tmp_path / "town")


@pytest.fixture
def clear(town):
    return view(town, "CLEAR")


HITS = Scenario(
    "town",
    events=(
        Event(0, "fail", asset="orange"),
        Event(1, "fail", asset="grid", note="seen from Command Bunker Orange"),
        Event(2, "fail", link="secret-line"),
    ),
    measures=(
        Measure("add_autonomy", "orange", "electricity", hours=3),
        Measure("add_autonomy", "works", "data", hours=1),
    ),
    title="Attack on fuel store kilo",
)


def test_without_labels_everybody_sees_the_very_same_world(tiny_world):
    for clearance in LABELS:
        seen = view(tiny_world, clearance)
        assert seen.world is seen.whole is seen.veiled is tiny_world
        assert seen.clearance == WHOLE
        assert seen.scenario(HITS) is HITS
        outcome = run(tiny_world, Scenario("tiny"))
        assert seen.outcome(outcome) is outcome


def test_views_that_see_the_same_are_one(town):
    used = labels_in_use(town)
    assert used == ("GREEN", "AMBER", "RED")
    views = [view_of(used, clearance) for clearance in LABELS]
    assert views == ["CLEAR", "GREEN", "AMBER", "AMBER", "RED"]
    assert view(town, "RED").world is town


@pytest.mark.parametrize(
    ("clearance", "hidden"),
    [
        ("CLEAR", {"orange", "kilo", "clinic"}),
        ("GREEN", {"orange", "kilo"}),
        ("AMBER", {"orange"}),
        ("AMBER+STRICT", {"orange"}),
        ("RED", set()),
    ],
)
def test_an_asset_is_there_for_those_who_may_see_its_label(town, clearance, hidden):
    assert town.assets.keys() - view(town, clearance).world.assets.keys() == hidden


def test_a_link_is_hidden_for_itself_and_with_its_ends(clear):
    assert set(clear.world.links) == {"line"}
    assert clear.links == {"orange-spur": "RED", "secret-line": "RED"}


def test_a_need_stays_where_its_supplier_is_hidden(clear):
    (need,) = [g for g in clear.world.groups_of["works"] if g.service == "data"]
    assert (need.suppliers, need.has_shares) == ((), False)
    assert clear.world.unseen[need.group_id] == "RED"
    assert "clinic" not in clear.world.groups_of


def test_a_group_whose_id_tells_a_hidden_name_gets_another(town):
    seen = view(town, "GREEN")
    assert not [g for g in seen.world.groups if "kilo" in g]
    assert {g.service for g in seen.world.groups_of["clinic"]} == {"drinking water", "fuel"}


def test_common_causes_keep_their_visible_members_alone(clear):
    (cause,) = clear.world.common_causes.values()
    assert cause.asset_ids == ("grid", "works")
    assert cause.name == "Trench past (not shown)"


def test_a_labelled_field_is_blank(town):
    assert {a.operator for a in view(town, "GREEN").world.assets.values()} == {""}
    assert view(town, "AMBER").world.assets["grid"].operator == "Acme"


def test_whom_to_call_is_a_field_with_texts_like_every_other(town, clear):
    assert clear.world.assets["plant"].contact == "Desk 17"
    assert clear.world.assets["works"].contact == "by way of (not shown)"
    assert clear.veiled.assets["orange"].contact == ""
    label = Marking("field", "contact", "RED")
    blank = view(dataclasses.replace(town, markings=(*town.markings, label)), "CLEAR")
    assert {a.contact for a in blank.world.assets.values()} == {""}


def test_texts_lose_the_names_of_what_is_hidden(clear):
    assert clear.world.assets["works"].note == "its control room is in (not shown)"
    assert clear.world.unknown_needs[0].note == "ask (not shown)"


def test_nothing_hidden_is_in_any_byte_of_features_and_picture(town):
    outcome = run(town, HITS)
    for clearance in LABELS:
        seen = view(town, clearance)
        drawn = picture(
            seen.world,
            seen.scenario(HITS),
            seen.outcome(outcome),
            Labels(),
            seen.people_lacking(outcome),
        )
        bodies = [
            ("features", json.dumps(features(seen.world, Labels(), {})).encode()),
            ("picture", json.dumps(drawn).encode()),
            ("scenario", json.dumps(seen.plain(HITS.to_dict())).encode()),
        ]
        assert leaks(bodies, town, clearance) == []


def test_the_search_for_what_is_hidden_finds_it(town):
    """The test of the test: the whole world's features tell everything."""
    body = json.dumps(features(town, Labels(), {})).encode()
    lines = leaks([("features", body)], town, "CLEAR")
    assert "features: id of orange" in lines
    assert "features: name of orange" in lines
    assert "features: packed place of orange" in lines
    assert "features: id of link secret-line" in lines
    orange = town.assets["orange"]
    for text in (
        f"[{orange.lon}, {orange.lat}]",
        f'"lat": {orange.lat:.5f}, "lon": {orange.lon:.5f}',
        f"{round(orange.lon * 1e6)},{round(orange.lat * 1e6)}",
    ):
        assert leaks([("x", text.encode())], town, "CLEAR") == ["x: place of orange"]
    escaped = rb"caf\u00e9 Fuel\u0020store Kilo"
    assert "x: name of kilo" in leaks([("x", escaped)], town, "CLEAR")


def test_a_hidden_event_keeps_its_place_and_hour(clear):
    plain = clear.plain(HITS.to_dict())
    assert plain["events"][0] == {"at_h": 0, "unseen": "RED"}
    assert plain["events"][1] == {"at_h": 1, "do": "fail", "asset": "grid"}
    assert plain["events"][2] == {"at_h": 2, "unseen": "RED"}
    assert plain["measures"][0] == {"unseen": "RED"}
    assert plain["measures"][1]["asset"] == "works"
    assert plain["title"] == "Attack on (not shown)"
    assert clear.names_hidden(HITS.to_dict())
    assert not clear.names_hidden(Scenario("town").to_dict())


def test_people_are_told_of_the_whole(town, clear):
    outcome = run(town, HITS)
    assert clear.people_lacking(outcome) == view(town, "RED").people_lacking(outcome)


def test_sums_are_called_by_their_names_also_where_nothing_of_a_service_is_seen(town, clear):
    services = {
        "data": ServiceWords("Data"),
        "acute care": ServiceWords("Acute care", in_panel=False),
    }
    outcome, labels = run(town, HITS), Labels(services=services)
    told = clear.outcome(outcome), labels, clear.people_lacking(outcome)
    people = picture(clear.world, clear.scenario(HITS), *told)["people"]
    assert "data" not in {area.service for area in clear.world.service_areas}
    assert [(person["label"], person["in_panel"], person["peak"]) for person in people] == [
        ("Data", True, 345),
        ("Acute care", False, 77),
        ("Drinking water", True, 1200),
    ]


def test_a_hidden_reason_is_said_without_telling_it(town, clear):
    scenario = Scenario("town", events=(Event(0, "fail", asset="orange"),))
    case = Case(town, scenario, run(town, scenario), clear.veiled)
    found = clear.explanation(explain.why(case, "works", 3 * 3_600_000))
    assert found.sentence == (
        "Water works is lost since 1 h: without data since 0 h because something you may not see "
        "(TLP:RED) failed; its backup lasted 1 h."
    )
    first, last = found.chain
    assert (first.unseen, first.asset, first.group, first.service) == ("RED", None, None, None)
    assert last.asset == "works"


def test_how_many_are_hidden_in_a_row_is_not_told(town, clear):
    scenarios = [
        Scenario("town", events=(Event(0, "fail", link="orange-spur"),)),
        Scenario("town", events=(Event(0, "fail", asset="orange"),)),
    ]
    cases = [Case(town, scenario, run(town, scenario), clear.veiled) for scenario in scenarios]
    lengths = {
        len(clear.explanation(explain.why(case, "works")).chain)
        for case in cases
        if case.outcome.assets.get("works")
    }
    assert lengths == {2}


def test_a_trace_without_the_hidden_is_numbered_anew(town, clear):
    trace = clear.outcome(run(town, HITS)).trace
    assert [row.row for row in trace] == list(range(len(trace)))
    assert all(0 <= r < row.row for row in trace for r in row.because)
    assert not {row.asset for row in trace} & clear.hidden.keys()


def test_a_deadlock_tells_that_somebody_unseen_is_part_of_it(town, clear):
    lock = Deadlock(("grid", "orange"), (Supply("orange", "electricity"),))
    alone = Deadlock(("kilo", "orange"), (Supply("orange", "electricity"),))
    open_one = Deadlock(("grid", "works"), (Supply("grid", "electricity"),))
    told_locks = [clear._deadlock(item) for item in (lock, alone, open_one)]
    assert told_locks[0] == Deadlock(("grid",), (), unseen="RED")
    assert told_locks[1] is None
    assert told_locks[2] is open_one


def test_a_saving_that_names_something_hidden_is_left_out(clear):
    kept = Saving("more", measure=Measure("add_autonomy", "works", "data", hours=1))
    gone = Saving("x", measure=Measure("add_supplier", "works", "data", supplier="orange"))
    also = Saving("y", event=Event(0, "repair", asset="orange"))
    assert clear.savings([kept, gone, also]) == (kept,)


def test_a_hidden_service_is_gone_with_all_that_carries_it(tmp_path):
    folder = write_labelled(tmp_path / "town")
    with (folder / "labels.csv").open("a", encoding="utf-8") as file:
        file.write("service,data,RED,,\nlayer,common_cause,RED,,\nlayer,dependencies,GREEN,,\n")
    seen = view(read_world(folder), "CLEAR")
    assert seen.world.common_causes == {}
    assert not [g for g in seen.world.groups.values() if g.service == "data"]
    assert all(not g.suppliers for g in seen.world.groups.values())
    assert "data" not in seen.world.served
    assert seen.words(str)("data") == "a service you may not see (TLP:RED)"
    assert seen.words(str)("gas") == "gas"


def test_a_scrubber_takes_whole_words_of_any_case_and_leaves_what_others_are_called():
    scrub = Scrubber(["Orange", "way/1", "7", "Grid"], ["grid"])
    assert scrub("ORANGE, oranges, way/1, way/12, 7 h, Grid") == (
        "(not shown), oranges, (not shown), way/12, 7 h, Grid"
    )
    assert scrub("nothing") == "nothing"
    assert scrub("Orange") == "(not shown)"
    with speaking(PSEUDO):
        assert scrub("Orange") == "⟦(not shown)⟧", "also of a text that was scrubbed before"
    assert not Scrubber().finds("anything")


TEXTS = {
    Asset: {"name", "unit", "operator", "product", "confidence", "source", "note"},
    Link: {"name", "confidence", "source"},
    Group: {"buffer", "confidence", "source"},
    Flow: {"unit"},
    CommonCause: {"name"},
    ServiceArea: {"confidence", "source"},
    UnknownNeed: {"note"},
}


@pytest.mark.parametrize("row_type", TEXTS)
def test_every_text_of_a_row_is_searched_but_ids_and_kinds(row_type):
    assert TEXTS[row_type] <= set(texts_of(row_type))
    assert not {name for name in texts_of(row_type) if name.endswith("_id") or name == "sector"}


def test_a_column_that_is_added_later_tells_no_hidden_name(town):
    wider_type = make_dataclass(
        "Wider",
        [("remark", "str", ""), ("hint", "str | None", None), ("tags", "tuple[str, ...]", ())],
        bases=(Asset,),
        frozen=True,
        slots=True,
    )
    said = {"remark": "next to Command Bunker Orange", "hint": "ask Fuel store Kilo"}
    wider = {
        a: wider_type(
            **{field_.name: getattr(asset, field_.name) for field_ in dataclasses.fields(asset)},
            **said,
            tags=("fed by ORANGE", "tall"),
        )
        for a, asset in town.assets.items()
    }
    seen = view(dataclasses.replace(town, assets=wider), "CLEAR")
    works = seen.world.assets["works"]
    assert works.remark == "next to (not shown)"
    assert works.hint == "ask (not shown)"
    assert works.tags == ("fed by (not shown)", "tall")
    hidden = seen.veiled.assets["orange"]
    assert (hidden.remark, hidden.hint, hidden.tags) == ("", None, ())


def test_how_many_hidden_causes_there_are_is_not_told(town, clear):
    """Two hits, one of them hidden: only the visible hit is reported."""
    seen = Event(0, "fail", asset="works")
    scenario = Scenario("town", events=(Event(0, "fail", asset="orange"), seen))
    case = Case(town, scenario, run(town, scenario), clear.veiled)
    sentence = clear.explanation(explain.why(case, "works")).sentence
    assert sentence == "Water works is lost since 0 h: it was hit itself."
