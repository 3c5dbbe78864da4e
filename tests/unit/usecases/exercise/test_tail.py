"""Each line of a run's log is read from the database only once."""

from models.exercise.run import Line
from usecases.exercise.tail import KEPT_RUNS, Tails


class Logs:
    def __init__(self):
        self.held, self.read = {}, 0

    def add(self, run_id, count):
        lines = self.held.setdefault(run_id, [])
        lines += [Line(len(lines) + n + 2, 0, "noted", "a") for n in range(count)]

    def lines(self, run_id, after=0):
        found = [line for line in self.held.get(run_id, []) if line.number > after]
        self.read += len(found)
        return found


def test_only_what_is_new_is_read():
    logs = Logs()
    tails = Tails(logs)
    for n in range(1, 30):
        logs.add("run", 10)
        for _ in range(5):
            assert list(tails.lines("run")) == logs.held["run"]
        assert logs.read == n * 10


def test_two_who_read_at_once_disturb_each_other_in_nothing():
    logs = Logs()
    tails, late = Tails(logs), Tails(logs)
    logs.add("run", 3)
    known = tails.known("run")
    news = logs.lines("run", 1)
    logs.add("run", 2)
    assert list(tails.lines("run")) == logs.held["run"]
    assert list(tails._with("run", known, news)) == logs.held["run"][:3]  # who read before
    assert list(tails.known("run")) == logs.held["run"]
    assert late.known("run") == ()


def test_so_many_runs_are_kept():
    logs = Logs()
    tails = Tails(logs)
    for n in range(KEPT_RUNS + 5):
        logs.add(str(n), 1)
        tails.lines(str(n))
    assert len(tails._held) == KEPT_RUNS
    assert list(tails.lines("0")) == logs.held["0"]
