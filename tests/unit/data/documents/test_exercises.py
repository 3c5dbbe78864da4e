"""Exercise files: problems name their place and a remedy."""

import json
from pathlib import Path

import pytest

from data.documents.exercises import parse_exercise, read_exercise
from data.store.exercises import ExerciseStore, UnknownExerciseError
from data.store.scenarios import Store
from models.errors import BadInputError
from models.exercise.run import Written

INJECT = {"id": "one", "at_min": 5, "kind": "message", "title": "One"}
QUESTION = INJECT | {"id": "q", "kind": "question", "options": ["Yes", "No"]}
ROLE = {"id": "water", "name": "Water", "sectors": ["water"]}


def plan(*injects, **more):
    return {"world": "tiny", "title": "Plan", "injects": list(injects)} | more


def test_a_file_is_read_and_its_injects_stand_in_their_order(tiny_world, tmp_path):
    path = tmp_path / "plan.json"
    late, early = INJECT | {"at_min": 9}, INJECT | {"id": "two"}
    path.write_text(json.dumps(plan(late, early, roles=[ROLE])), encoding="utf-8")
    result = read_exercise(path, tiny_world)
    assert [inject.id for inject in result.injects] == ["two", "one"]
    assert result.scenario["horizon_h"] == 72 and result.scenario["world"] == "tiny"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "the exercise: not an object."),
        ({"world": "tiny"}, "title: missing."),
        (plan(title="x" * 121), "title: longer than 120 characters. Shorten it."),
        (plan(injcts=[]), "injcts: no such field. Did you mean 'injects'?"),
        (plan(INJECT | {"titel": "x"}), "injects[0].titel: no such field. Did you mean 'title'?"),
        (plan(INJECT | {"id": "a b"}), "injects[0].id: use 1 to 40 letters"),
        (plan(INJECT | {"at_min": float("nan")}), "injects[0].at_min: not a finite number."),
        (plan(INJECT | {"at_min": "5"}), "injects[0].at_min: not a number."),
        (plan(INJECT | {"text": "x" * 4_001}), "injects[0].text: longer than 4000 characters"),
        (plan(INJECT, INJECT), "injects: the id 'one' is there 2 times. Give each its own."),
        (plan(roles=[ROLE | {"sectors": ["watr"]}]), "no sector 'watr'. Did you mean 'water'?"),
        (plan(roles=[ROLE | {"sectors": ["eau"]}]), "no sector 'eau'. Did you mean 'water'?"),
        (plan(INJECT | {"to": ["watr"]}, roles=[ROLE]), "no role 'watr'. Did you mean 'water'?"),
        (plan(INJECT | {"kind": "repair", "links": ["lime"], "at_h": 0}), "mean 'line'?"),
        (plan(INJECT | {"kind": "repair", "assets": ["grid"]}), "needs at_h"),
        (plan(INJECT | {"assets": ["grid"]}), "a message changes nothing"),
        (plan(QUESTION | {"bands_h": [1]}), "options or bands_h, not both"),
        (plan(INJECT | {"kind": "question", "bands_h": [4, 2]}), "ascending order"),
        (plan(INJECT | {"kind": "supply", "assets": ["works"], "at_h": 0, "service": "gas"}),
         "'works' does not need 'gas'. It needs electricity."),
        (plan(INJECT | {"kind": "supply", "assets": ["works"], "at_h": 5, "until_h": 5,
                        "service": "electricity"}), "until_h: must be after at_h."),
        (plan(INJECT | {"when": {"test": "answered", "inject": "one", "option": "x"}}),
         "no question with options 'one'"),
        (plan(QUESTION, INJECT | {"when": {"test": "answered", "inject": "q", "option": "Nay"}}),
         "not an answer of 'q'"),
        (plan(QUESTION, INJECT | {"at_min": 1, "when": {"test": "answered", "inject": "q",
              "option": "Yes"}}), "comes later than this inject. Move one of them."),
        (plan(INJECT | {"when": {"test": "not_done", "do": "repair", "asset": "grid"}}),
         "by_min: missing"),
        (plan(INJECT | {"when": {"test": "done", "asset": "gird"}}), "Did you mean 'grid'?"),
        (plan(scenario={"horizon_h": -1}), "scenario.horizon_h: -1 is below 0."),
        (plan(scenario={"events": [{"at_h": 0, "do": "fail", "asset": "gird"}]}),
         "scenario.events[0].asset: no asset 'gird'"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place_and_a_remedy(tiny_world, given, said):
    with pytest.raises(BadInputError) as refused:
        parse_exercise(given, tiny_world)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 1_000, "what was sent is not repeated at length"


def test_a_fault_in_a_file_names_the_file(tiny_world, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text('{"world": "tiny",}', encoding="utf-8")
    with pytest.raises(BadInputError, match=r"plan\.json, line 1"):
        read_exercise(path, tiny_world)


def test_a_plan_that_is_too_large_is_refused(tiny_world):
    many = [INJECT | {"id": f"i{n}", "text": "x" * 4_000} for n in range(200)]
    with pytest.raises(BadInputError, match="at most 400 kB are kept"):
        parse_exercise(plan(*many), tiny_world)


# --- the logs --------------------------------------------------------------------------------


@pytest.fixture
def logs(database_url):
    store = Store(database_url)
    yield ExerciseStore(store.database)
    store.close()


def line(kind="noted", **data):
    return Written(kind, "lea", 5, "Lea", data)


def test_a_log_keeps_its_lines_in_order_and_says_in_which_scenario_it_goes_on(logs):
    head = logs.create("run", "tiny", "Storm", "", line("opened", plan={}))
    logs.append(head.id, lambda _: line("started", scenario="s1"))
    logs.append(head.id, lambda history: line(before=history.newest.number))
    assert [(item.number, item.kind) for item in logs.lines(head.id, 1)] == [
        (2, "started"), (3, "noted"),
    ]  # fmt: skip
    assert logs.newest(head.id).data == {"before": 2}
    assert logs.of_scenario("s1") == head.id and logs.of_scenario("s2") is None
    assert logs.of_scenario("") is None and logs.of_scenario("a\x00b") is None
    assert [item.id for item in logs.recent("tiny", "")] == [head.id]
    assert logs.recent("tiny", "another session") == logs.recent("moon", "") == []


def test_what_decides_not_to_write_or_fails_leaves_the_log_as_it_is(logs):
    head = logs.create("run", "tiny", "Storm", "", line("opened"))
    assert logs.append(head.id, lambda _: None).number == 1

    def refuses(_):
        raise BadInputError(["no"])

    with pytest.raises(BadInputError):
        logs.append(head.id, refuses)
    with pytest.raises(BadInputError, match="too large"):
        logs.append(head.id, lambda _: line(text="x" * 600_000))
    assert [item.number for item in logs.lines(head.id)] == [1]


def test_an_unknown_log_is_said_to_be_unknown(logs):
    for ask in (logs.head, logs.newest, logs.lines, lambda name: logs.line(name, 1)):
        with pytest.raises(UnknownExerciseError):
            ask("no\x00thing")


def test_the_names_of_tables_are_lines_that_every_database_can_hold(logs):
    head = logs.create("plan", "tiny", "<b>\nx" + "y" * 10_000, "", line("designed"))
    assert logs.head(head.id).title.startswith("<b> x") and len(logs.head(head.id).title) <= 200
    assert Path(head.id).name == head.id
