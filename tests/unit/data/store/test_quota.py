"""Daily quotas per user and per session; they reset the next day."""

import pytest

from data.store import quota
from data.store.database import Database
from data.store.exercises import ExerciseStore
from data.store.quota import DAY_S, Quota
from data.store.scenarios import Store
from models.errors import BadInputError
from models.exercise.run import Written


class Clock:
    now = 5.0

    def __call__(self):
        return self.now


def refused(quota, *charge, leads=False):
    try:
        quota.charge(*charge, leads=leads)
    except BadInputError:
        return True
    return False


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(quota, "BYTES_OF_PERSON", 1_000)
    monkeypatch.setattr(quota, "BYTES_OF_SESSION", 2_500)


def test_a_person_is_stopped_and_then_their_session_and_others_go_on():
    held = Quota(Clock())
    assert [refused(held, "a", "storm", 400) for _ in range(3)] == [False, False, True]
    assert not refused(held, "a", "storm", 200)  # what was refused was not counted
    assert not refused(held, "b", "storm", 1_000)
    assert refused(held, "c", "storm", 501)
    assert not refused(held, "c", "flood", 1_000)
    assert not any(refused(held, "local", "", 10**9) for _ in range(5))


def test_participants_who_fill_the_session_do_not_stop_who_leads():
    held = Quota(Clock())
    for name in "abc":
        refused(held, name, "storm", 1_000)
    assert refused(held, "d", "storm", 600)
    assert not refused(held, "mara", "storm", 1_000, leads=True)
    assert refused(held, "mara", "storm", 300, leads=True)
    # pause and end are always possible
    assert not refused(held, "mara", "storm", 2, leads=True)
    assert refused(held, "a", "storm", 2)


def test_a_day_ends_after_its_first_line_whatever_came_since():
    clock = Clock()
    held = Quota(clock)
    assert not refused(held, "a", "", 900)
    clock.now += DAY_S - 1
    assert not refused(held, "a", "", 100)
    assert refused(held, "a", "", 100)
    clock.now += 2
    assert not refused(held, "a", "", 1_000)


def test_all_logs_of_a_database_count_together_and_a_refused_line_is_not_kept(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'k.db'}")
    scenarios, exercises = Store(database), ExerciseStore(database)
    plain = {"world": "tiny", "title": "x" * 250}
    saved = scenarios.create("tiny", "t", plain, author="a", reason="")
    for n in range(2):
        scenarios.write(saved.id, plain | {"n": n}, n + 1, author="a", reason="")
    with pytest.raises(BadInputError, match="within a day"):
        exercises.create("run", "tiny", "t", "", Written("opened", "a", 0, "A", plain))
    with pytest.raises(BadInputError, match="within a day"):
        scenarios.write(saved.id, plain, 3, author="a", reason="")
    assert scenarios.get(saved.id).revision == 3
    assert exercises.recent("tiny", "") == []
    scenarios.write(saved.id, plain, 3, author="b", reason="")
    database.close()
