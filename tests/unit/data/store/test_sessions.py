"""Invitations, members and sign-ins behave alike on both databases, also at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text

from data.store.access_tables import AuditRow
from data.store.accounts import Accounts
from data.store.audit import note
from data.store.database import ChangeRow, Database
from data.store.invitations import NoEntryError
from data.store.revisions import UnknownScenarioError
from data.store.scenarios import Store
from data.store.sequence import number_by_time
from data.store.sessions import Sessions
from models.errors import BadInputError
from models.revisions import StaleRevisionError
from models.rights.sharing import Grant

WATER = Grant("participant", frozenset({"water"}), "GREEN")


@pytest.fixture
def database(database_url, monkeypatch):
    monkeypatch.setattr("data.store.accounts._HASHER", PasswordHasher(time_cost=1, memory_cost=64))
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def sessions(database):
    return Sessions(database)


@pytest.fixture
def account(database):
    return Accounts(database).add("Mara", "correct horse battery", by="test")


@pytest.fixture
def shared(sessions, account):
    return sessions.start("Storm", "w", account, by="Mara")


def test_one_use_is_one_person_also_at_once(sessions, shared):
    _, token = sessions.invite(shared.id, WATER, 8, 3, by="Mara")

    def join(n):
        try:
            return sessions.join(token, f"P{n}")[0].name
        except NoEntryError:
            return None

    with ThreadPoolExecutor(6) as threads:
        came = list(threads.map(join, range(9)))
    assert sum(name is not None for name in came) == 3
    assert len(sessions.members(shared.id)) == 4
    assert sessions.invitations(shared.id)[0].uses == 3


def test_who_comes_in_is_known_by_their_cookie_until_put_out(sessions, shared):
    invitation, token = sessions.invite(shared.id, WATER, 8, 3, by="Mara")
    member, cookie = sessions.join(token, " Jo\nnas \u202e")
    who = sessions.enter(cookie).who
    assert (who.name, who.role, who.sectors) == ("Jo nas", "participant", frozenset({"water"}))
    assert (who.clearance, who.session, who.id) == ("GREEN", shared.id, member.author)
    assert sessions.enter(cookie[:-1] + "x") is None
    sessions.revoke_invitation(shared.id, invitation.id, by="Mara")
    assert sessions.enter(cookie).who is None
    with pytest.raises(NoEntryError):
        sessions.join(token, "Late")


def test_two_of_one_name_are_two_authors(sessions, shared):
    _, token = sessions.invite(shared.id, WATER, 8, 3, by="Mara")
    one, two = (sessions.join(token, "Jonas")[0] for _ in range(2))
    assert one.author != two.author
    assert len(one.author) <= 80


def test_an_account_goes_into_its_sessions_and_out_again(sessions, account, shared, database):
    cookie = sessions.sign_in(account=account.id)
    assert sessions.enter(cookie).who.session is None
    sessions.sit_down(cookie, shared.id, by="Mara")
    assert sessions.enter(cookie).who.session == shared.id
    other = Accounts(database).add("Olga", "correct horse battery", by="test")
    theirs = sessions.start("Flood", "w", other, by="Olga")
    with pytest.raises(BadInputError):
        sessions.sit_down(cookie, theirs.id, by="Mara")
    assert [session.name for session in sessions.led_by(account.id)] == ["Storm"]
    sessions.sit_down(cookie, None, by="Mara")
    sessions.sign_out(cookie, by="Mara")
    assert sessions.enter(cookie) is None


def test_a_scenario_is_in_its_session_and_nowhere_else(database, shared):
    store = Store(database)
    inside = store.within(shared.id)
    made = inside.create("w", "Shared", {"world": "w"})
    for elsewhere in (store, store.within("other")):
        for ask in (
            lambda s=elsewhere: s.get(made.id),
            lambda s=elsewhere: s.get(made.id, 1),
            lambda s=elsewhere: s.history(made.id),
            lambda s=elsewhere: s.branches(made.id),
            lambda s=elsewhere: s.branch(made.id, "B"),
            lambda s=elsewhere: s.write(made.id, {}, 1),
            lambda s=elsewhere: s.undo(made.id, 1),
            lambda s=elsewhere: s.redo(made.id, 1),
            lambda s=elsewhere: s.delete(made.id, 1),
            lambda s=elsewhere: s.restore(made.id),
        ):
            with pytest.raises(UnknownScenarioError):
                ask()
        assert elsewhere.recent() == []
    option = inside.branch(made.id, "Option B")
    assert [branch.id for branch in inside.branches(made.id)] == [made.id, option.id]
    with pytest.raises(UnknownScenarioError):
        store.get(option.id)


class Clock:
    """Stands in for ``datetime`` where the one clock is read; an hour back with each look."""

    def __init__(self):
        self.reads = 0

    def now(self, zone):
        self.reads += 1
        return datetime(2026, 11, 30, 23 - self.reads % 24, tzinfo=zone)


@pytest.fixture
def falling_clock(monkeypatch):
    monkeypatch.setattr("data.store.database.datetime", Clock())


def acted(database, sessions):
    """Change two scenarios and note acts in turns; return what the audit log has to tell."""
    store = Store(database)
    ids = [store.create("w", name, {}, author="Mara").id for name in "ab"]
    told = [("scenario created", f"{item_id} at revision 1: ") for item_id in ids]
    for n in range(1, 5):
        sessions.note("Mara", f"act {n}")
        store.write(ids[n % 2], {"n": n}, (n + 1) // 2, f"change {n}", author="Mara")
        told.append((f"act {n}", ""))
        told.append(("scenario changed", f"{ids[n % 2]} at revision {(n + 3) // 2}: change {n}"))
    return told


def shown(lines):
    return [(line.what, line.detail) for line in lines]


@pytest.mark.usefixtures("falling_clock")
def test_the_audit_log_is_one_sequence_over_all_logs_whatever_the_clock_says(database, sessions):
    told = acted(database, sessions)
    lines = sessions.audit()
    assert shown(lines) == told
    assert [line.number for line in lines] == list(range(1, len(told) + 1))
    assert sorted(line.made_at for line in lines) != [line.made_at for line in lines]


def test_what_was_refused_leaves_no_gap_in_the_sequence(database, sessions):
    store = Store(database)
    made = store.create("w", "", {}, author="Mara")
    with pytest.raises(StaleRevisionError):
        store.write(made.id, {"n": 1}, 7, author="Mara")
    with pytest.raises(ValueError, match="half way"), database.writing() as db:
        note(db, "Mara", "act that fails")
        raise ValueError("half way")
    sessions.note("Mara", "act")
    with database.reading() as db:
        places = [*db.scalars(select(ChangeRow.sequence)), *db.scalars(select(AuditRow.sequence))]
    assert places == [1, 2]


def test_writers_at_once_get_each_place_once(database, sessions):
    store = Store(database)
    ids = [store.create("w", "", {}, author="Mara").id for _ in range(4)]

    def write(scenario_id):
        for n in range(1, 11):
            store.write(scenario_id, {"n": n}, n, author="Mara")
            sessions.note("Mara", "act")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, ids))
    with database.reading() as db:
        places = [*db.scalars(select(ChangeRow.sequence)), *db.scalars(select(AuditRow.sequence))]
    assert sorted(places) == list(range(1, 85))
    for item_id in ids:
        of_one = [line for line in sessions.audit() if line.detail.startswith(item_id)]
        revisions = [int(line.detail.split()[3].rstrip(":")) for line in of_one]
        assert revisions == list(range(1, 12))


def test_lines_from_before_there_was_a_sequence_are_put_in_order_by_time(database_url):
    database = Database(database_url)
    told = acted(database, Sessions(database))
    with database.writing() as db:
        for table in ("audit", "change"):
            db.execute(text(f"UPDATE {table} SET sequence = -sequence"))  # noqa: S608
        db.execute(text("UPDATE sequence SET newest = 0"))
        number_by_time(db.connection())
    assert shown(Sessions(database).audit()) == told
    Sessions(database).note("Mara", "the next")
    assert shown(Sessions(database).audit())[-1][0] == "the next"
    database.close()
