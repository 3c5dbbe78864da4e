"""What was acknowledged stays: killed writers, two editors, a full disk, a database that is gone.

The kills and interleavings are a small helping of ``python -m benchmarks.durability``.
"""

import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import create_engine, text

from benchmarks.durability import interleavings, kills
from data.store import database
from data.store.audit import note
from data.store.database import Database, StoreError
from data.store.scenarios import Store
from data.store.sessions import Sessions
from models.revisions import StaleRevisionError, changed


def test_no_acknowledged_edit_is_lost_when_the_writer_is_killed(database_url):
    counts = kills(database_url, rounds=3, edits=50)
    assert counts.acknowledged == 150
    assert (counts.lost, counts.torn, counts.unasked) == (0, 0, 0)


def test_of_two_editors_none_loses_an_update(database_url):
    counts = interleavings(database_url, times=100)
    assert counts.acknowledged == 400
    assert counts.refused > 0
    assert counts.lost == 0


def filled_until_refused(store):
    """Write until the database refuses; return the scenario as last acknowledged, and the error."""
    last = store.create("w", "", {"n": 0, "body": "x" * 2_000})
    for number in range(1, 2_000):
        try:
            last = store.write(last.id, {"n": number, "body": "x" * 2_000}, number)
        except StoreError as error:
            return last, str(error)
    raise AssertionError("it never was full")


def check_message(raised, reason):
    assert reason in raised
    assert "Your last change was not confirmed; earlier confirmed changes are kept." in raised
    assert len(raised.splitlines()) == 1


def test_a_full_disk_is_told_and_loses_nothing(tmp_path, monkeypatch):
    prepare = database._prepare_sqlite

    def with_little_room(connection, record):
        prepare(connection, record)
        connection.execute("PRAGMA max_page_count=100")

    monkeypatch.setattr(database, "_prepare_sqlite", with_little_room)
    url = f"sqlite:///{tmp_path / 'k.db'}"
    store = Store(url)
    last, refusal = filled_until_refused(store)
    check_message(refusal, "disk is full")
    assert store.get(last.id) == last
    store.close()
    monkeypatch.undo()  # disk space is available again
    again = Store(url)
    assert [again.get(last.id, n).plain["n"] for n in (1, 2, last.revision)] == [
        0,
        1,
        last.revision - 1,
    ]
    assert again.write(last.id, {"n": -1}, last.revision).revision == last.revision + 1
    again.close()


def test_a_full_server_is_told_and_loses_nothing(postgres):
    url = postgres.new_database()
    store = Store(url)
    engine = create_engine(url)
    refuse = """
        CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.revision > 5 THEN
            RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER full_disk AFTER INSERT ON change FOR EACH ROW EXECUTE FUNCTION full()"""
    with engine.begin() as connection:
        connection.execute(text(refuse))
    last, refusal = filled_until_refused(store)
    check_message(refusal, "No space left on device")
    assert (store.get(last.id), last.revision) == (last, 5)
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER full_disk ON change"))
    assert store.write(last.id, {"n": 6}, 5).revision == 6
    engine.dispose()
    store.close()


def test_a_server_that_is_gone_and_comes_back_loses_nothing(postgres):
    store = Store(postgres.new_database())
    made = store.create("w", "", {"n": 0})
    last = store.write(made.id, {"n": 1}, 1)
    postgres.stop()
    try:
        with pytest.raises(StoreError) as refusal:
            store.write(made.id, {"n": 2}, 2)
        check_message(str(refusal.value), "is not available (no connection)")
        with pytest.raises(StoreError, match="Confirmed changes are kept"):
            store.get(made.id)
    finally:
        postgres.start()
    assert store.get(made.id) == last
    assert store.write(made.id, {"n": 2}, 2).revision == 3
    store.close()


def test_a_file_that_is_gone_is_not_written_into_and_may_come_back(tmp_path):
    path = tmp_path / "k.db"
    store = Store(f"sqlite:///{path}")
    last = store.create("w", "", {"n": 0})
    aside = tmp_path / "aside"
    aside.mkdir()
    for file in tmp_path.glob("k.db*"):
        shutil.move(file, aside / file.name)
    for ask in (lambda: store.write(last.id, {"n": 1}, 1), lambda: store.get(last.id)):
        with pytest.raises(StoreError, match="database is missing; nothing was saved"):
            ask()
    assert not path.exists()
    for file in aside.iterdir():
        shutil.move(file, tmp_path / file.name)
    assert store.get(last.id) == last
    assert store.write(last.id, {"n": 1}, 1).revision == 2
    store.close()


def test_a_file_that_was_replaced_is_opened_anew(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'k.db'}")
    old = store.create("w", "", {"n": 0})
    other = Store(f"sqlite:///{tmp_path / 'other.db'}")
    new = other.create("w", "", {"n": 1})
    other.close()
    (tmp_path / "other.db").replace(tmp_path / "k.db")
    for left in tmp_path.glob("k.db-*"):
        left.unlink()
    assert store.get(new.id) == new
    assert [head.id for head in store.recent()] == [new.id] != [old.id]
    store.close()


def test_a_database_that_another_holds_too_long_is_told(database_url, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 100)
    store = Store(database_url)
    made = store.create("w", "", {"n": 0})
    held, done = threading.Event(), threading.Event()

    def hold():
        if database_url.startswith("sqlite"):
            connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            done.wait(60)
            connection.close()
            return
        engine = create_engine(database_url)
        with engine.begin() as connection:
            connection.execute(text("SELECT * FROM scenario FOR UPDATE"))
            held.set()
            done.wait(60)
        engine.dispose()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(60)
    with pytest.raises(StoreError) as refusal:
        store.write(made.id, {"n": 1}, 1)
    check_message(str(refusal.value), "lock")
    assert store.get(made.id) == made  # readers do not wait
    done.set()
    holder.join()
    assert store.write(made.id, {"n": 1}, 1).revision == 2
    store.close()


def test_a_clock_that_jumps_back_changes_no_order(database_url, monkeypatch):
    store = Store(database_url)
    made = store.create("w", "", {"n": 0})
    monkeypatch.setattr("data.store.revisions.now", lambda: "1999-12-31T23:59:59.000000+00:00")
    store.write(made.id, {"n": 1}, 1)
    assert store.undo(made.id, 2).plain == {"n": 0}
    assert [change.kind for change in store.history(made.id)] == ["created", "changed", "undone"]
    option = store.branch(made.id, "before its origin, by the clock", 2)
    assert option.plain == {"n": 1}
    assert {branch.id for branch in store.branches(made.id)} == {made.id, option.id}
    store.close()


def test_a_server_that_restarts_amid_a_change_keeps_all_of_it_or_nothing(postgres):
    store = Store(postgres.new_database())
    sessions = Sessions(store.database)
    made = store.create("w", "", {"n": 0}, author="Mara")

    def restart_then(history):
        postgres.stop()
        postgres.start()
        return changed(history, "Mara", {"n": 1}, "lost with the server")

    with pytest.raises(StoreError) as told:
        store.append(made.id, restart_then, author="Mara")
    check_message(str(told.value), "is not available")
    assert store.get(made.id) == made
    with pytest.raises(StoreError), store.database.writing() as db:
        note(db, "Mara", "an act that is lost with the server")
        db.flush()
        postgres.stop()
        postgres.start()
    assert store.write(made.id, {"n": 2}, 1, author="Mara").revision == 2
    sessions.note("Mara", "an act")
    lines = [line.what for line in sessions.audit()]
    assert lines == ["scenario created", "scenario changed", "an act"]
    store.close()


def test_a_process_that_hangs_in_a_change_holds_up_the_others_for_a_while_only(
    postgres, monkeypatch
):
    """Who holds the sequence's lock and is cut off from the server would hold it for good."""
    monkeypatch.setattr(database, "IDLE_TRANSACTION_MS", 300)
    url = postgres.new_database()
    hanging, store = Database(url), Store(url)
    ended = threading.Event()

    def hang():
        with pytest.raises(StoreError), hanging.writing() as db:
            note(db, "Mara", "an act that never ends")
            db.flush()
            held.set()
            ended.wait(60)

    held = threading.Event()
    holder = threading.Thread(target=hang)
    holder.start()
    assert held.wait(60)
    assert store.create("w", "", {"n": 0}, author="Jonas").revision == 1
    ended.set()
    holder.join()
    assert [line.who for line in Sessions(store.database).audit()] == ["Jonas"]
    store.close()
    hanging.close()


def test_two_servers_on_one_sqlite_file_keep_each_others_changes_in_one_sequence(tmp_path):
    url = f"sqlite:///{tmp_path / 'k.db'}"
    one, other = Store(url), Store(url)
    made = one.create("w", "", {"n": 0}, author="a")
    start = threading.Barrier(2)

    def edit(store, author):
        start.wait(60)
        mine = store.create("w", author, {"n": 0}, author=author)
        for n in range(1, 26):
            store.write(mine.id, {"n": n}, n, author=author)
            while True:
                with suppress(StaleRevisionError):
                    newest = store.get(made.id).revision
                    store.write(made.id, {author: n}, newest, f"{author} {n}", author=author)
                    break
        return mine.id

    with ThreadPoolExecutor(2) as threads:
        ids = list(threads.map(edit, (one, other), "ab"))
    shared = [line.reason for line in one.history(made.id)][1:]
    assert sorted(shared) == sorted(f"{author} {n}" for author in "ab" for n in range(1, 26))
    assert [other.get(name).revision for name in ids] == [26, 26]
    lines = Sessions(one.database).audit()
    assert lines == Sessions(other.database).audit()
    for name in (*ids, made.id):
        revisions = [int(line.detail.split()[3].rstrip(":"))
                     for line in lines if line.detail.startswith(name)]  # fmt: skip
        assert revisions == list(range(1, len(revisions) + 1))
    one.close()
    other.close()
