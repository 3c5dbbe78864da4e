"""Invitations, members and sign-ins behave alike on both databases, also at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from data.store.accounts import Accounts
from data.store.database import Database
from data.store.invitations import NoEntryError
from data.store.revisions import UnknownScenarioError
from data.store.scenarios import Store
from data.store.sessions import Sessions
from models.errors import BadInputError
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
    assert [one.name for one in sessions.led_by(account.id)] == ["Storm"]
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
    assert [one.id for one in inside.branches(made.id)] == [made.id, option.id]
    with pytest.raises(UnknownScenarioError):
        store.get(option.id)


def test_the_audit_log_keeps_its_sequence_where_the_clock_is_put_back(
    database, sessions, monkeypatch
):
    hours = iter([12, 13, 9, 10, 14, 8])
    monkeypatch.setattr(
        "data.store.audit.now", lambda: f"2026-11-30T{next(hours):02d}:00:00.000000+00:00"
    )
    for n in range(6):
        sessions.note("Mara", f"act {n}")
    lines = sessions.audit()
    assert [line.what for line in lines] == [f"act {n}" for n in range(6)]
    assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[2].made_at.startswith("2026-11-30T09")
