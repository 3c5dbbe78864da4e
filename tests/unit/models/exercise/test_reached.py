"""What the room knows of a scenario: all but what the plan begins with after the hour it knows."""

from hypothesis import given
from hypothesis import strategies as st

from models.exercise.plan import Exercise
from models.exercise.reached import Reached
from models.exercise.run import Line as LogLine
from models.exercise.run import Moment, Run

EVENTS = st.lists(
    st.builds(
        lambda at_h, asset: {"at_h": float(at_h), "do": "fail", "asset": asset},
        st.integers(0, 6),
        st.sampled_from("abc"),
    ),
    max_size=8,
)


def reached(begins_with, hour, phase="running"):
    shown = Moment(LogLine(2, 0, "shown", "lea", data={"hour": float(hour)}), 0, 1)
    plan = Exercise("w", "Storm", {"events": begins_with})
    return Reached.of(plan, Run(phase=phase, standing=(shown,)))


@given(EVENTS, EVENTS, st.integers(0, 6))
def test_the_room_knows_the_past_and_what_was_added(begins_with, added, hour):
    events = sorted([*begins_with, *added], key=lambda event: event["at_h"])
    now = reached(begins_with, hour)
    known = now.known({"world": "w", "horizon_h": 48.0, "events": events})["events"]
    later = [item for item in begins_with if item["at_h"] > hour]
    assert len(known) == len(events) - len(later)
    assert known == [events[place] for place in now.shown(events)]
    for event in events:
        held = later.count(event)
        assert known.count(event) == events.count(event) - held


@given(EVENTS, st.integers(0, 6))
def test_two_futures_look_the_same(begins_with, hour):
    past = [item for item in begins_with if item["at_h"] <= hour]
    plain = {"world": "w", "horizon_h": 48.0, "events": begins_with}
    ours = reached(begins_with, hour).up_to_now(plain)
    theirs = reached(past, hour).up_to_now({**plain, "events": past})
    assert ours == theirs
    assert ours["horizon_h"] == hour


def test_after_the_end_nothing_is_held_back():
    assert reached([{"at_h": 9.0, "do": "fail", "asset": "a"}], 1, phase="ended") is None
