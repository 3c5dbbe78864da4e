"""What the scenario store promises: nothing is lost, nobody overwrites anybody."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from data.store import (
    StaleRevisionError,
    Store,
    StoreError,
    UnknownRevisionError,
    UnknownScenarioError,
)
from models.errors import BadInputError


@pytest.fixture
def store(tmp_path):
    """A store in a folder that does not exist yet."""
    opened = Store(f"sqlite:///{tmp_path / 'var' / 'knockon.db'}")
    yield opened
    opened.close()


def plain(horizon_h):
    return {"world": "w", "horizon_h": horizon_h, "events": []}


def test_a_new_scenario_can_be_read_back(store):
    made = store.create("w", "Storm", plain(1))
    assert store.get(made.id) == made
    assert (made.revision, made.title, made.plain) == (1, "Storm", plain(1))
    assert not made.can_undo
    assert not made.can_redo
    assert len(made.id) >= 20


def test_undo_and_redo_walk_the_history(store):
    one = store.create("w", "", plain(1))
    two = store.write(one.id, plain(2), one.revision)
    three = store.write(one.id, plain(3), two.revision)
    back = store.undo(one.id, three.revision)
    first = store.undo(one.id, back.revision)
    assert [s.plain["horizon_h"] for s in (two, three, back, first)] == [2, 3, 2, 1]
    assert (first.can_undo, first.can_redo) == (False, True)
    again = store.redo(one.id, first.revision)
    last = store.redo(one.id, again.revision)
    assert [s.plain["horizon_h"] for s in (again, last)] == [2, 3]
    assert (last.can_undo, last.can_redo) == (True, False)


def test_each_revision_can_be_read_as_it_stood(store):
    stood = [store.create("w", "Storm", plain(1))]
    name = stood[0].id
    stood.append(store.write(name, plain(2), 1))
    stood.append(store.undo(name, 2))
    stood.append(store.redo(name, 3))
    stood.append(store.undo(name, 4))
    stood.append(store.write(name, plain(3) | {"title": "Flood"}, 5))
    for once in stood:
        now = store.get(name, once.revision)
        for part in ("revision", "plain", "title", "can_undo", "can_redo"):
            assert getattr(now, part) == getattr(once, part), (once.revision, part)


def test_a_revision_that_never_was_is_told(store):
    made = store.create("w", "", plain(1))
    for never in (0, 2):
        with pytest.raises(UnknownRevisionError, match=f"Revision {never} .* at 1"):
            store.get(made.id, never)
    with pytest.raises(UnknownScenarioError):
        store.get("nope", 1)


def test_a_database_from_before_revisions_were_noted_still_opens(tmp_path):
    url = f"sqlite:///{tmp_path / 'old.db'}"
    first = Store(url)
    made = first.create("w", "", plain(1))
    first.write(made.id, plain(2), 1)
    first.close()
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.execute("DROP TABLE step")
    connection.close()
    second = Store(url)
    assert second.get(made.id, 2).plain == plain(2)
    with pytest.raises(UnknownRevisionError):
        second.get(made.id, 1)
    assert second.write(made.id, plain(3), 2).revision == 3
    assert second.get(made.id, 3).plain == plain(3)
    second.close()


def test_nothing_to_undo_or_redo_changes_nothing(store):
    made = store.create("w", "", plain(1))
    assert store.undo(made.id, 1) == made
    assert store.redo(made.id, 1) == made


def test_a_write_after_undo_ends_redo_and_deletes_nothing(store, tmp_path):
    made = store.create("w", "", plain(1))
    changed = store.write(made.id, plain(2), made.revision)
    undone = store.undo(made.id, changed.revision)
    other = store.write(made.id, plain(3), undone.revision)
    assert not other.can_redo
    assert store.undo(made.id, other.revision).plain == plain(1)
    with sqlite3.connect(tmp_path / "var" / "knockon.db") as connection:
        rows = connection.execute("SELECT number, parent FROM revision ORDER BY number").fetchall()
    connection.close()
    assert rows == [(1, None), (2, 1), (3, 1)]


def test_a_stale_change_is_refused_and_leaves_the_scenario(store):
    made = store.create("w", "", plain(1))
    store.write(made.id, plain(2), made.revision)
    for change in (store.undo, store.redo):
        with pytest.raises(StaleRevisionError, match="Reload"):
            change(made.id, made.revision)
    with pytest.raises(StaleRevisionError, match="you have revision 1, it is at 2"):
        store.write(made.id, plain(3), made.revision)
    assert store.get(made.id).plain == plain(2)


def test_of_simultaneous_writers_exactly_one_wins(store):
    made = store.create("w", "", plain(0))

    def attempt(number):
        try:
            return store.write(made.id, plain(number), made.revision).plain["horizon_h"]
        except StaleRevisionError:
            return None

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(attempt, range(1, 17)))
    (winner,) = [answer for answer in answers if answer is not None]
    assert store.get(made.id).plain == plain(winner)


def test_an_undo_takes_a_new_name_back(store):
    made = store.create("w", "Storm", plain(1))
    renamed = store.write(made.id, plain(1) | {"title": "Flood"}, made.revision)
    assert renamed.title == "Flood"
    assert store.undo(made.id, renamed.revision).title == "Storm"


def test_recent_is_newest_first_and_bounded(store):
    made = [store.create("w", str(n), plain(n)) for n in range(3)]
    store.write(made[0].id, plain(9), 1)
    assert [s.title for s in store.recent(2)] == ["0", "2"]


def test_an_unknown_id_is_named(store):
    with pytest.raises(UnknownScenarioError, match="No scenario 'nope'"):
        store.get("nope")


@pytest.mark.parametrize(
    "bad", [{"note": "x" * 300_000}, {"at_h": float("nan")}, {"set": {1}}, {"text": "\ud800"}]
)
def test_what_is_no_small_json_is_not_saved(store, bad):
    with pytest.raises(BadInputError, match="scenario"):
        store.create("w", "", bad)
    assert store.recent() == []


def test_scenarios_outlive_the_process(tmp_path):
    url = f"sqlite:///{tmp_path / 'k.db'}"
    first = Store(url)
    made = first.create("w", "Storm", plain(1))
    first.close()
    second = Store(url)
    assert second.get(made.id) == made
    second.close()


def test_a_place_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    for url in (f"sqlite:///{tmp_path / 'file' / 'k.db'}", "nonsense", "oracle9://x"):
        with pytest.raises(StoreError, match="cannot be opened"):
            Store(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hush@db.example/k",
        "mysql+pymysql://user:hush@db.example/k?ssl_key=hush",
        "sqlite://user:hush@host/k.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:k?mode=memory&uri=true",
        "sqlite+aiosqlite:///k.db",
        "postgresql//user:hush@db",
        "postgresql://user:hush@db.example:port/k",
        "",
    ],
)
def test_only_files_of_sqlite_are_opened_and_no_password_is_told(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="Only SQLite files are supported for now") as told:
        Store(url)
    assert "hush" not in str(told.value)
    assert len(str(told.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
