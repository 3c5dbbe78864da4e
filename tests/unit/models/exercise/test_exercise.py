"""The fold of a run's log, what may be done when, conditions, predictions and their reveal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cascade.timed.engine import run as run_cascade
from models.errors import BadInputError
from models.exercise import plan as plans
from models.exercise import rules
from models.exercise.branching import Stood, deeds, holds, most_given
from models.exercise.plan import Exercise, Inject, Role, When
from models.exercise.predictions import Fall, Prediction, falls, reveal
from models.exercise.rules import Window
from models.exercise.run import Line, clock_of, fold
from models.exercise.situation import situation
from models.impact.people import distinct_people
from models.impact.settlement import EVERYBODY
from models.scenario import Scenario

MIN = 60_000
START = 1_700_000_000_000


class Log:
    """A log written line by line, with a clock that is set by hand."""

    def __init__(self):
        self.lines, self.at_ms = [], START

    def add(self, kind, after_min=0.0, author="lea", name="", **data):
        self.at_ms += round(after_min * MIN)
        self.lines.append(Line(len(self.lines) + 2, self.at_ms, kind, author, name, data))
        return self

    def stands(self, after_min=0.0):
        return fold(self.lines, self.at_ms + round(after_min * MIN))

    def minutes(self, after_min=0.0):
        return self.stands(after_min).clock_ms / MIN


def plan_of(*injects, roles=()):
    return Exercise("w", "Plan", {}, roles=roles, injects=plans.ordered(injects))


def message(name, at_min=0.0, **more):
    return Inject(name, at_min, "message", name, **more)


# --- the exercise clock ----------------------------------------------------------------------


def test_nothing_has_begun_before_the_start():
    assert (Log().stands(5).phase, Log().minutes(5)) == ("ready", 0)


def test_the_clock_counts_only_while_it_runs():
    log = Log().add("started").add("paused", 3).add("resumed", 100)
    assert log.minutes(2) == 5
    assert log.add("ended", 2).minutes(60) == 5


@given(steps=st.lists(st.tuples(st.floats(0, 600), st.floats(0, 600)), max_size=8))
def test_pauses_of_any_length_cost_no_exercise_time(steps):
    log, running_ms = Log().add("started"), 0
    for run_min, pause_min in steps:
        log.add("paused", run_min).add("resumed", pause_min)
        running_ms += round(run_min * MIN)
    assert log.stands().clock_ms == running_ms


@given(
    kinds=st.lists(st.sampled_from(("paused", "resumed", "released", "noted")), max_size=12),
    gaps=st.lists(st.integers(-90, 90), min_size=12, max_size=12),
)
def test_the_clock_never_runs_backwards_even_where_the_wall_clock_does(kinds, gaps):
    log, seen = Log().add("started"), [0]
    for n, (kind, gap) in enumerate(zip(kinds, gaps, strict=False)):
        log.add(kind, gap, inject=f"i{n}", hour=0)
        seen.append(log.stands().clock_ms)
    assert seen == sorted(seen)


@given(
    kinds=st.lists(st.sampled_from(("paused", "resumed", "noted")), max_size=10),
    gaps=st.lists(st.integers(0, 90), min_size=10, max_size=10),
    at_min=st.integers(0, 900),
)
def test_the_clock_at_any_time_is_that_of_the_log_up_to_then(kinds, gaps, at_min):
    log = Log().add("started")
    for kind, gap in zip(kinds, gaps, strict=False):
        log.add(kind, gap)
    at_ms = START + at_min * MIN
    before = [line for line in log.lines if line.at_ms <= at_ms]
    assert clock_of(log.lines)(at_ms) == fold(before, at_ms).clock_ms


# --- rewind, skip ----------------------------------------------------------------------------


names = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1, max_size=8)


@given(order=names, data=st.data())
def test_a_rewind_stands_where_it_stood_before_and_loses_nothing(order, data):
    log = Log().add("started", scenario="s1")
    stood = {}
    for name in order:
        log.at_ms += data.draw(st.integers(0, 60)) * MIN
        stood[name] = log.stands()
        log.add(data.draw(st.sampled_from(("released", "skipped"))), inject=name, hour=1)
        log.add("answered", 1, inject=name, answer="x")
    back = data.draw(st.sampled_from(order))
    written = len(log.lines)
    log.add("rewound", 7, inject=back, scenario="s2")
    now = log.stands(30)
    assert now.settled.keys() == stood[back].settled.keys()
    assert now.clock_ms == stood[back].clock_ms, "it stands still where it stood"
    assert (now.phase, now.take, now.scenario) == ("paused", 2, "s2")
    kept = len(now.standing) - 1 + len(now.aside)
    assert kept == written, "every line is either standing or put aside"
    assert {moment.take for moment in now.aside} <= {1}


def test_a_rewind_across_an_earlier_rewind_keeps_both_takes():
    log = Log().add("started", scenario="s1").add("released", 1, inject="a", hour=0)
    log.add("released", 1, inject="b", hour=0).add("rewound", 1, inject="b", scenario="s2")
    log.add("resumed").add("released", 1, inject="b", hour=0)
    now = log.add("rewound", 1, inject="a", scenario="s3").stands()
    assert now.take == 3 and now.settled == {} and now.clock_ms == MIN
    # the rewind that began take 2 is put aside with what came after it
    assert [(moment.take, moment.kind) for moment in now.aside] == [
        (1, "released"), (1, "released"), (2, "rewound"), (2, "resumed"), (2, "released"),
    ]  # fmt: skip


def test_what_was_skipped_has_not_come():
    now = (
        Log().add("started").add("skipped", inject="a").add("released", inject="b", hour=2).stands()
    )
    assert list(now.settled) == ["a", "b"] and list(now.released) == ["b"]
    assert rules.known_h(now) == 2


@given(order=names, cut=st.integers(0, 8))
def test_what_stands_only_grows_with_the_log(order, cut):
    log = Log().add("started")
    for name in order:
        log.add("released", 1, inject=name, hour=0)
    before = fold(log.lines[:cut], START).settled.keys()
    assert list(log.stands().settled)[: len(before)] == list(before)


# --- rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "kind", "data", "said"),
    [
        ([], "paused", {}, "has not started"),
        ([], "released", {"inject": "a"}, "has not started"),
        (["started"], "started", {}, "has started already"),
        (["started"], "resumed", {}, "already running"),
        (["started", "paused"], "paused", {}, "already paused"),
        (["started", "ended"], "released", {"inject": "a"}, "has ended"),
        (["started"], "released", {"inject": "aa"}, "Did you mean 'a'?"),
        (["started"], "rewound", {"inject": "a"}, "has not come yet"),
        (["started"], "answered", {"inject": "q", "answer": "x"}, "not open for answers"),
        (["started"], "predicted", {"id": "p", "marks": {}}, "not open"),
        (["started"], "revealed", {"id": "p"}, "prediction does not exist"),
        (["started"], "asked", {"from_h": 1, "ends_h": [3, 2]}, "ascending order"),
        (["started"], "asked", {"from_h": 1, "ends_h": []}, "ascending order"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(kinds, kind, data, said):
    question = Inject("q", 0, "question", "q", options=("x", "y"))
    log = Log()
    for item in kinds:
        log.add(item)
    with pytest.raises(BadInputError) as refused:
        rules.require(plan_of(message("a"), question), log.stands(), kind, data)
    assert said in str(refused.value)


def test_a_band_or_a_second_prediction_that_is_not_there_is_refused():
    log = Log().add("started").add("asked", id="p", from_h=0, ends_h=[2, 4])
    plan = plan_of()
    with pytest.raises(BadInputError, match="Unknown time band"):
        rules.require(plan, log.stands(), "predicted", {"id": "p", "marks": {"x": 2}})
    with pytest.raises(BadInputError, match="open already"):
        rules.require(plan, log.stands(), "asked", {"from_h": 0, "ends_h": [1]})
    rules.require(plan, log.stands(), "predicted", {"id": "p", "marks": {"x": 1}})


# --- conditions ------------------------------------------------------------------------------


def test_the_answer_that_most_gave_counts_and_of_equals_the_first_listed():
    plan = plan_of(Inject("q", 0, "question", "q", options=("x", "y")))
    log = Log().add("started").add("released", inject="q", hour=0)
    when = When("answered", inject="q", option="y")
    assert holds(when, plan, log.stands(), ()) is None
    log.add("answered", author="a", name="A", inject="q", answer="y")
    assert holds(when, plan, log.stands(), ()) is True
    log.add("answered", author="b", name="B", inject="q", answer="x")
    assert most_given(plan, log.stands(), "q") == "x"
    log.add("answered", author="a", name="A", inject="q", answer="x")
    assert holds(when, plan, log.stands(), ()) is False


SUPPLY = {"at_h": 1, "do": "supply", "asset": "works"}
FAIL = {"at_h": 0, "do": "fail", "asset": "grid"}


def test_deeds_are_what_the_room_did_and_that_still_stands():
    course = [
        Stood(0, ()), Stood(1, (FAIL,), by_inject=True), Stood(2, (FAIL, SUPPLY)),
        Stood(3, (FAIL,)), Stood(4, (FAIL, SUPPLY)),
    ]  # fmt: skip
    assert [(deed.do, deed.asset, deed.clock_ms) for deed in deeds(course)] == [
        ("supply", "works", 4)
    ]
    assert deeds(course[:4]) == deeds([]) == ()


@pytest.mark.parametrize(
    ("test", "done_at", "now", "expected"),
    [
        ("done", None, 5, None), ("done", 5, 6, True), ("done", None, 21, False),
        ("done", 25, 26, False), ("not_done", None, 5, None), ("not_done", None, 21, True),
        ("not_done", 5, 21, False), ("not_done", 25, 26, True),
    ],
)  # fmt: skip
def test_a_deadline_on_the_exercise_clock_is_kept_or_missed(test, done_at, now, expected):
    when = When(test, do="supply", asset="works", by_min=20)
    course = [Stood(0, ())] + ([] if done_at is None else [Stood(done_at * MIN, (SUPPLY,))])
    log = Log().add("started")
    assert holds(when, plan_of(), log.stands(now), deeds(course)) is expected


# --- designing -------------------------------------------------------------------------------


def test_two_injects_at_one_time_keep_the_order_of_the_list():
    plan = plan_of(message("a", 5), message("b", 5), message("c", 2))
    assert [inject.id for inject in plan.injects] == ["c", "a", "b"]
    assert [inject.id for inject in plans.with_time(plan, "c", 5).injects] == ["a", "b", "c"]
    swapped = plans.with_neighbours_swapped(plan, "b", -1)
    assert [inject.id for inject in swapped.injects] == ["c", "b", "a"]


@given(minutes=st.lists(st.integers(0, 9), min_size=2, max_size=9), data=st.data())
def test_swapping_keeps_the_beats_and_swapping_back_restores(minutes, data):
    plan = plan_of(*(message(f"i{n}", at_min) for n, at_min in enumerate(minutes)))
    at = data.draw(st.integers(0, len(minutes) - 2))
    name = plan.injects[at].id
    down = plans.with_neighbours_swapped(plan, name, 1)
    assert [inject.at_min for inject in down.injects] == sorted(minutes)
    assert plans.with_neighbours_swapped(down, name, -1) == plan


def test_what_waited_for_a_question_that_is_taken_out_no_longer_waits():
    asked = Inject("q", 0, "question", "q", options=("x", "y"))
    plan = plan_of(asked, message("m", 1, when=When("answered", inject="q", option="x")))
    assert plans.without_inject(plan, "q").inject("m").when is None
    assert plans.new_id(plans.with_copy(plan, "m")) not in ("q", "m", "i3")


def test_a_plan_is_the_same_after_its_plain_form():
    plan = plan_of(
        Inject("k", 3, "knock_out", "k", to=("r",), assets=("grid",), links=("l",), at_h=0.0),
        Inject("q", 4, "question", "q", bands_h=(2.0, 4.0), note="n"),
        message("m", 5, when=When("not_done", do="supply", asset="grid", by_min=4.0)),
        roles=(Role("r", "R", ("energy",), "card"),),
    )
    assert Exercise.from_dict(plan.to_dict()) == plan


# --- predict, then reveal --------------------------------------------------------------------


def test_hits_near_ones_misses_and_surprises_and_what_to_discuss():
    window = Window("w", 0.0, (4.0, 12.0))
    fallen = [Fall("a", 2.0, 0.0), Fall("b", 8.0, 10.0), Fall("c", 8.0, 900.0), Fall("d", 9.0, 5.0)]
    given_ = [
        Prediction("One", {"a": 0, "b": 0, "x": 1}),
        Prediction("Two", {"a": 0, "b": 1}),
        Prediction("Three", {"a": 0}),
    ]
    revealed = reveal(window, fallen, given_)
    verdicts = {verdict.asset: verdict.verdict for verdict in revealed.judged}
    assert verdicts == {"a": "hit", "b": "hit", "c": "surprise", "d": "surprise", "x": "miss"}
    assert [(item.asset, item.apart) for item in revealed.discussion] == [
        ("c", 0), ("d", 0), ("b", 2), ("x", 1),
    ]  # fmt: skip
    assert [(s.hits, s.near, s.misses, s.surprises) for s in revealed.scores] == [
        (1, 1, 1, 2), (2, 0, 0, 2), (1, 0, 0, 3),
    ]  # fmt: skip


marks = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2), max_size=6)


@given(given_=st.lists(marks, max_size=5), fell=st.dictionaries(
    st.sampled_from("abcdef"), st.sampled_from((1.0, 3.0, 8.0))))  # fmt: skip
def test_every_asset_is_judged_once_and_every_mark_is_counted(given_, fell):
    window = Window("w", 0.0, (2.0, 4.0, 12.0))
    fallen = [Fall(asset, at_h, 1.0) for asset, at_h in fell.items()]
    predictions = [Prediction(str(n), item) for n, item in enumerate(given_)]
    revealed = reveal(window, fallen, predictions)
    assert len(revealed.judged) == len({*fell, *(a for item in given_ for a in item)})
    for score, item in zip(revealed.scores, given_, strict=True):
        assert score.hits + score.near + score.misses == len(item)
        assert score.hits + score.near + score.surprises == len(fell)
    assert all(0 <= verdict.apart < max(1, len(given_)) for verdict in revealed.judged)


def test_a_fall_is_one_in_the_window_of_what_still_stood(tiny_world, tiny_scenario):
    outcome = run_cascade(tiny_world, Scenario.from_dict(tiny_scenario))
    # works fall at 8 h (battery), the clinic half an hour later
    assert [(fall.asset, fall.at_h) for fall in falls(tiny_world, outcome, 0, 24)] == [
        ("works", 8.0), ("clinic", 8.5),
    ]  # fmt: skip
    assert falls(tiny_world, outcome, 8, 8.25) == ()
    (works, _) = falls(tiny_world, outcome, 0, 24)
    assert works.person_hours == 1200 * 16
    assert [fall.asset for fall in falls(tiny_world, outcome, 7.5, 8)] == ["works"]


def test_a_report_counts_assets_and_people_at_its_hour(tiny_world, tiny_scenario):
    outcome = run_cascade(tiny_world, Scenario.from_dict(tiny_scenario))
    people = distinct_people(tiny_world, outcome)[EVERYBODY]
    early, late = (situation(tiny_world, outcome, people, at_h) for at_h in (1, 9))
    assert early["people"] == [] and late["people"] == [
        {"service": "drinking water", "without": 1200}
    ]
    water = {"sector": "water", "of": 1}
    assert water | {"lost": 0, "reduced": 1} in early["sectors"]
    assert water | {"lost": 1, "reduced": 0} in late["sectors"]
