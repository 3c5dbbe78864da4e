"""Guarantees of the scenario store: no change is lost or overwritten."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from data.store.database import StoreError
from data.store.revisions import UnknownRevisionError, UnknownScenarioError
from data.store.scenarios import Store
from models.errors import BadInputError
from models.revisions import (
    CannotTakeBackError,
    DeletedScenarioError,
    ShownLine,
    StaleRevisionError,
)


@pytest.fixture
def store(database_url):
    """A new store, on each kind of database."""
    opened = Store(database_url)
    yield opened
    opened.close()


def quoted(error):
    """Return the text of an error for a reader who may see everything."""
    return error.quoting([ShownLine.of(line, line.reason) for line in error.lines])


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
        with pytest.raises(UnknownRevisionError, match=f"Revision {never} .*current: 1"):
            store.get(made.id, never)
    with pytest.raises(UnknownScenarioError):
        store.get("nope", 1)


def test_nothing_to_undo_or_redo_changes_nothing(store):
    made = store.create("w", "", plain(1))
    assert store.undo(made.id, 1) == made
    assert store.redo(made.id, 1) == made


def test_a_write_after_undo_ends_redo_and_deletes_nothing(store):
    made = store.create("w", "", plain(1))
    changed = store.write(made.id, plain(2), made.revision)
    undone = store.undo(made.id, changed.revision)
    other = store.write(made.id, plain(3), undone.revision)
    assert not other.can_redo
    assert store.undo(made.id, other.revision).plain == plain(1)
    assert [store.get(made.id, n).plain["horizon_h"] for n in range(1, 6)] == [1, 2, 1, 3, 1]


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


def test_scenarios_outlive_the_process(database_url):
    first = Store(database_url)
    made = first.create("w", "Storm", plain(1))
    first.close()
    second = Store(database_url)
    assert second.get(made.id) == made
    second.close()


@pytest.mark.parametrize("odd", ["no\x00pe", "\ud800", "'; DROP TABLE scenario", "x" * 10_000])
def test_an_id_that_no_database_could_hold_is_unknown(store, odd):
    with pytest.raises(UnknownScenarioError):
        store.get(odd)
    with pytest.raises(UnknownScenarioError):
        store.write(odd, plain(1), 1)
    assert store.revisions([odd]) == {}


def test_a_number_that_no_database_could_hold_is_unknown(store):
    made = store.create("w", "", plain(1))
    with pytest.raises(UnknownRevisionError):
        store.get(made.id, 10**30)
    for base in (10**30, -(10**30)):
        with pytest.raises(StaleRevisionError):
            store.write(made.id, plain(2), base)


def test_words_that_no_database_could_hold_become_blanks(store):
    made = store.create("w", "St\x00rm\ud800", plain(1), author="A\nB", reason="\x00why")
    (change,) = store.history(made.id)
    assert (made.title, change.author, change.reason) == ("St rm", "A B", "why")
    with pytest.raises(BadInputError, match="needs an author"):
        store.write(made.id, plain(2), 1, author=" \n")


# --- authors ---------------------------------------------------------------------------------


def scenario(*entries, **more):
    events = [{"at_h": at_h, "do": "fail", "asset": asset} for at_h, asset in entries]
    return {"world": "w", "events": events} | more


def assets(stored):
    return [event["asset"] for event in stored.plain["events"]]


def test_the_log_says_who_did_what_when_and_why(store):
    made = store.create("w", "", scenario(), author="Anna", reason="new exercise")
    store.write(made.id, scenario((1, "a")), 1, "a fails", author="Bea")
    store.undo(made.id, 2, author="Bea")
    log = store.history(made.id)
    assert [(c.revision, c.kind, c.author, c.reason) for c in log] == [
        (1, "created", "Anna", "new exercise"),
        (2, "changed", "Bea", "a fails"),
        (3, "undone", "Bea", "a fails"),
    ]
    assert str(log[2]).startswith("Bea at ")
    assert str(log[2]).endswith(" UTC: undone")
    assert str(ShownLine.of(log[2], log[2].reason)).endswith(" UTC: undid: a fails")
    assert store.history(made.id, after=2) == log[2:]
    assert store.history(made.id, after=1, limit=1) == log[1:2]
    assert store.revisions([made.id, "other"]) == {made.id: 3}


def test_an_undo_leaves_what_others_did_since(store):
    made = store.create("w", "", scenario())
    store.write(made.id, scenario((2, "mine")), 1, author="Anna")
    store.write(made.id, scenario((1, "hers"), (2, "mine")), 2, author="Bea")
    seen = store.get(made.id, author="Carl")
    assert not seen.can_undo
    assert store.undo(made.id, 3, author="Carl") == seen
    undone = store.undo(made.id, 3, author="Anna")
    assert (assets(undone), undone.can_undo, undone.can_redo) == (["hers"], False, True)
    assert store.get(made.id, author="Bea").can_undo
    assert assets(store.redo(made.id, 4, author="Anna")) == ["hers", "mine"]


def test_a_change_of_others_does_not_end_redo(store):
    made = store.create("w", "", scenario())
    store.write(made.id, scenario((2, "mine")), 1, author="Anna")
    store.undo(made.id, 2, author="Anna")
    store.write(made.id, scenario((1, "hers")), 3, author="Bea")
    assert assets(store.redo(made.id, 4, author="Anna")) == ["hers", "mine"]


def test_an_undo_that_others_stand_in_the_way_of_says_who_and_changes_nothing(store):
    made = store.create("w", "", scenario(horizon_h=1))
    store.write(made.id, scenario(horizon_h=2), 1, "horizon 2 h", author="Anna")
    store.write(made.id, scenario((1, "x"), horizon_h=2), 2, "x fails", author="Carl")
    store.write(made.id, scenario((1, "x"), horizon_h=3), 3, "horizon 3 h", author="Bea")
    store.write(made.id, scenario(horizon_h=3), 4, "x removed", author="Carl")
    with pytest.raises(CannotTakeBackError, match=r"Bea at ") as refused:
        store.undo(made.id, 5, author="Anna")
    assert re.search(r"'horizon 2 h'.*Bea at .*horizon 3 h", quoted(refused.value))
    assert "horizon" not in str(refused.value)
    assert store.get(made.id).revision == 5
    # once Bea has undone hers, Anna can
    store.undo(made.id, 5, author="Bea")
    assert store.undo(made.id, 6, author="Anna").plain["horizon_h"] == 1


def test_a_stale_change_is_told_what_changed_meanwhile(store):
    made = store.create("w", "", scenario())
    store.write(made.id, scenario((1, "x")), 1, "x fails at 1 h", author="Anna")
    store.write(made.id, scenario(), 2, "x removed", author="Bea")
    with pytest.raises(StaleRevisionError) as raised:
        store.write(made.id, scenario((9, "y")), 1, author="Carl")
    assert [(c.revision, c.author, c.reason) for c in raised.value.lines] == [
        (2, "Anna", "x fails at 1 h"),
        (3, "Bea", "x removed"),
    ]
    for part in ("Anna at ", "x fails at 1 h", "Bea at ", "x removed"):
        assert part in quoted(raised.value)
    assert "x fails" not in str(raised.value), "reasons are for readers who may see them"


# --- branches and deletion -------------------------------------------------------------------


def test_a_branch_goes_its_own_way(store):
    made = store.create("w", "Storm", plain(1))
    store.write(made.id, plain(2), 1)
    option = store.branch(made.id, "Option B", 1, author="Bea")
    assert (option.plain, option.name, option.revision) == (plain(1), "Option B", 1)
    assert (option.branch_of, option.branch_revision, option.title) == (made.id, 1, "Storm")
    assert not option.can_undo
    store.write(option.id, plain(5), 1)
    assert store.get(made.id).plain == plain(2)
    further = store.branch(option.id, "Option C")
    assert further.plain == plain(5)
    for item in (made, option, further):
        assert [s.name for s in store.branches(item.id)] == ["", "Option B", "Option C"]


def test_options_of_one_origin_have_different_names(store):
    made = store.create("w", "", plain(1))
    option = store.branch(made.id, "B")
    for name in ("B", " B\n"):
        with pytest.raises(BadInputError, match="An option named 'B'"):
            store.branch(option.id, name)
    with pytest.raises(BadInputError, match="name"):
        store.branch(made.id, "  ")
    other = store.create("w", "", plain(1))
    assert store.branch(other.id, "B").name == "B"
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: branched(store, made.id, "C"), range(8)))
    assert answers.count(True) == 1


def branched(store, scenario_id, name):
    try:
        return bool(store.branch(scenario_id, name))
    except BadInputError:
        return False


def test_what_is_deleted_is_hidden_and_comes_back_whole(store):
    made = store.create("w", "", plain(1))
    store.write(made.id, plain(2), 1, author="Anna")
    option = store.branch(made.id, "B")
    with pytest.raises(StaleRevisionError):
        store.delete(made.id, 1)
    store.delete(made.id, 2, "tried out enough", author="Anna")
    for ask in (
        lambda: store.get(made.id),
        lambda: store.get(made.id, 1),
        lambda: store.write(made.id, plain(3), 3),
        lambda: store.undo(made.id, 3),
        lambda: store.delete(made.id, 3),
        lambda: store.branch(made.id, "C"),
    ):
        with pytest.raises(DeletedScenarioError, match=r"Anna at ") as refused:
            ask()
        assert re.search(r"Anna at .*tried out enough", quoted(refused.value))
    assert [s.id for s in store.recent()] == [option.id]
    assert [s.id for s in store.branches(option.id)] == [option.id]
    assert [c.kind for c in store.history(made.id)] == ["created", "changed", "deleted"]
    back = store.restore(made.id, author="Anna")
    assert (back.plain, back.revision, back.can_undo) == (plain(2), 4, True)
    assert store.restore(made.id, author="Anna") == back
    assert store.undo(made.id, 4, author="Anna").plain == plain(1)


# --- opening ---------------------------------------------------------------------------------


def test_a_place_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    for url in (
        f"sqlite:///{tmp_path / 'file' / 'k.db'}",
        "nonsense",
        "oracle9://x",
        f"postgresql://user:hush@/k?host={tmp_path}",
        "postgresql://user:hush@127.0.0.1:1/k",
        "postgresql+psycopg://user:hush@127.0.0.1/k?nonsense=hush",
    ):
        with pytest.raises(StoreError, match="cannot be opened") as raised:
            Store(url)
        assert "hush" not in str(raised.value)
        assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg2://user:hush@db.example/k",
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
def test_only_what_keeps_scenarios_is_opened_and_no_password_is_told(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=r"an SQLite file such as .* or a PostgreSQL") as raised:
        Store(url)
    assert "hush" not in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
