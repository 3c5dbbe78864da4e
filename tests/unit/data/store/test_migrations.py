"""Older databases are taken over whole, newer ones are left alone, two openers do not collide."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from data.store import access_tables  # noqa: F401  its tables are known once it is read
from data.store.database import FORM, MIGRATIONS, Base, StoreError
from data.store.scenarios import Store
from models.errors import BadInputError

#: written by the store as it was before Alembic came
OLD = Path(__file__).with_name("store_before_alembic.sql")
STORM, FLOOD, EARLY = (f"{name}0000000000000000a" for name in ("storm", "flood", "early"))


def plain(horizon_h, **more):
    return {"world": "w", "horizon_h": horizon_h, "events": []} | more


NAMED = plain(4, title="New name")
#: revision by revision what the old store said: content, can undo, can redo
STORM_STOOD = [
    (plain(1), False, False),
    (plain(2), True, False),
    (plain(3), True, False),
    (plain(2), True, True),
    (plain(1), False, True),
    (plain(2), True, True),
    (NAMED, True, False),
    (plain(2), True, True),
    (NAMED, True, False),
    (plain(2), True, True),
]


@pytest.fixture
def old_file(tmp_path):
    path = tmp_path / "knockon.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(OLD.read_text(encoding="utf-8"))
    connection.close()
    return path


@pytest.fixture
def store(old_file):
    opened = Store(f"sqlite:///{old_file}")
    yield opened
    opened.close()


def test_every_revision_of_an_old_database_is_there(store):
    for revision, (content, can_undo, can_redo) in enumerate(STORM_STOOD, 1):
        saved = store.get(STORM, revision)
        assert (saved.plain, saved.can_undo, saved.can_redo) == (content, can_undo, can_redo), (
            revision
        )
    assert store.get(STORM).revision == 10
    assert store.get(FLOOD).plain == plain(7)
    assert [s.title for s in store.recent()] == ["Early", "Flood", "Störung"]
    log = store.history(STORM)
    assert {change.author for change in log} == {"local"}
    assert (log[1].reason, log[4].kind, log[4].reason) == ("horizon", "undone", "horizon")


def test_undo_and_redo_go_on_where_they_were(store):
    assert store.redo(STORM, 10).plain == NAMED
    back = store.undo(STORM, 11)
    assert store.undo(STORM, back.revision).plain == plain(1)
    last = store.write(STORM, plain(9), 13)
    assert store.undo(STORM, last.revision).plain == plain(1)


def test_contents_from_before_revisions_were_noted_are_kept(store):
    now = store.get(EARLY)
    assert (now.revision, now.plain) == (5, plain(1))
    assert store.redo(EARLY, 5).plain == plain(3)
    contents = [store.get(EARLY, n).plain["horizon_h"] for n in range(1, 6)]
    assert contents == [1, 2, 1, 3, 1]


def test_a_file_without_the_table_of_steps_is_taken_over(old_file):
    with sqlite3.connect(old_file) as connection:
        connection.execute("DROP TABLE step")
    connection.close()
    store = Store(f"sqlite:///{old_file}")
    log = store.history(STORM)
    kept = [store.get(STORM, change.revision).plain for change in log]
    assert all(content in kept for content, _, _ in STORM_STOOD)
    assert (store.get(STORM).revision, store.get(STORM).plain) == (10, plain(2))
    # each content can be reached by undo
    seen, now = [], store.get(STORM)
    while now.can_undo:
        now = store.undo(STORM, now.revision)
        seen.append(now.plain["horizon_h"])
    assert seen[-1] == 1
    store.close()


def test_the_tables_are_those_that_the_program_knows(database_url):
    Store(database_url).close()
    engine = create_engine(database_url)
    tables = inspect(engine)
    migrated = {
        name: [(column["name"], column["nullable"]) for column in tables.get_columns(name)]
        for name in tables.get_table_names()
        if name != "alembic_version"
    }
    indices = {index["name"] for name in migrated for index in tables.get_indexes(name)}
    engine.dispose()
    known = Base.metadata.tables
    assert migrated == {
        name: [(column.name, column.nullable) for column in table.columns]
        for name, table in known.items()
    }
    assert {index.name for table in known.values() for index in table.indexes} <= indices


def test_the_newest_migration_is_the_form_that_the_program_expects():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == FORM


def test_a_database_of_a_newer_program_is_left_alone(database_url):
    Store(database_url).close()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer Knock-on \(form 9999") as raised:
        Store(database_url)
    assert "newer program" in str(raised.value)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    engine.dispose()


def test_a_migration_that_fails_leaves_the_old_database(old_file):
    with sqlite3.connect(old_file) as connection:
        connection.execute(
            "UPDATE revision SET number = 7 WHERE number = 4"
        )  # a step leads nowhere
    connection.close()
    before = dumped(old_file)
    with pytest.raises(BadInputError, match=r"is damaged.*storm.*left as it is"):
        Store(f"sqlite:///{old_file}")
    assert dumped(old_file) == before


def dumped(path):
    connection = sqlite3.connect(path)
    lines = sorted(connection.iterdump())
    connection.close()
    return lines


def opened(url, start, answers):
    start.wait()
    try:
        store = Store(url)
        made = store.create("w", "", {})
        answers.put(store.get(made.id).plain == {})
        store.close()
    except Exception as error:
        answers.put(str(error))


def open_at_once(url):
    """Let four processes open a database and create a scenario; return their results."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["data.store.scenarios"])
    start, answers = context.Event(), context.Queue()
    openers = [context.Process(target=opened, args=(url, start, answers)) for _ in range(4)]
    for opener in openers:
        opener.start()
    start.set()
    answers_of = [answers.get(timeout=120) for _ in openers]
    for opener in openers:
        opener.join()
    return answers_of


def test_processes_that_open_at_once_do_not_collide(database_url):
    assert open_at_once(database_url) == [True] * 4
    store = Store(database_url)
    assert len(store.recent()) == 4
    store.close()


def test_processes_that_open_an_old_database_at_once_do_not_collide(old_file):
    url = f"sqlite:///{old_file}"
    assert open_at_once(url) == [True] * 4
    store = Store(url)
    assert len(store.recent()) == 7
    assert len(store.history(STORM)) == 10
    store.close()
