"""Passwords are stored as argon2 hashes, and responses do not reveal which names exist."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from sqlalchemy import text

from data.store import accounts as module
from data.store.accounts import Accounts, check_password
from data.store.database import Database
from models.errors import BadInputError

PASSWORD = "correct horse battery"  # noqa: S105  of tests alone


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def accounts(database):
    return Accounts(database)


def held(database):
    with database.reading() as db:
        return db.execute(text("SELECT password_hash FROM account")).scalar_one()


def test_a_password_is_kept_as_argon2id_of_the_recommended_strength(database, accounts):
    accounts.add("Mara", PASSWORD, by="test")
    kept = extract_parameters(held(database))
    assert kept.type is Type.ID
    assert (kept.memory_cost, kept.time_cost) >= (65_536, 3)  # RFC 9106, for little memory
    assert PASSWORD not in held(database)
    assert accounts.check("Mara", PASSWORD).login == "Mara"
    assert accounts.check("Mara", PASSWORD + "x") is None


def test_an_unknown_name_costs_a_hash_like_a_known_one(accounts, monkeypatch):
    accounts.add("Mara", PASSWORD, by="test")
    asked = []
    fits = module._fits
    monkeypatch.setattr(module, "_fits", lambda *given: asked.append(given) or fits(*given))
    for name in ("Mara", "Nobody"):
        assert accounts.check(name, "wrong password") is None
    assert len(asked) == 2
    known, unknown = (extract_parameters(hashed) for hashed, _ in asked)
    assert known == unknown


def test_a_hash_of_weaker_parameters_is_renewed_at_the_next_sign_in(
    database, accounts, monkeypatch
):
    strong = module._HASHER
    monkeypatch.setattr(module, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64))
    accounts.add("Mara", PASSWORD, by="test")
    weak = held(database)
    monkeypatch.setattr(module, "_HASHER", strong)
    assert accounts.check("Mara", PASSWORD)
    assert held(database) != weak
    assert extract_parameters(held(database)).memory_cost == 65_536
    assert accounts.check("Mara", PASSWORD)


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 11, "x" * 300, "a" * 20, "maramaramaramara", "121212121212"]
)
def test_what_is_easily_guessed_is_refused(password):
    with pytest.raises(BadInputError, match=r"password"):
        check_password(password, "mara")


def test_disabled_accounts_are_not_let_in_until_enabled(accounts):
    accounts.add("Mara", PASSWORD, by="test")
    accounts.disable("Mara", by="test")
    assert accounts.check("Mara", PASSWORD) is None
    accounts.disable("Mara", by="test", again=True)
    assert accounts.check("Mara", PASSWORD) is not None
    accounts.set_password("Mara", "another good password", by="test")
    assert accounts.check("Mara", PASSWORD) is None


@pytest.mark.parametrize("login", ["", "  ", "Mara"])
def test_a_name_is_there_and_once(accounts, login):
    accounts.add("Mara", PASSWORD, by="test")
    with pytest.raises(BadInputError):
        accounts.add(login, PASSWORD, by="test")
    with pytest.raises(BadInputError, match="No account"):
        accounts.disable("Nobody", by="test")


def test_who_an_issuer_vouches_for_has_one_account_and_no_password(accounts):
    first = accounts.from_issuer("https://id.example", "42", "Mara")
    again = accounts.from_issuer("https://id.example", "42", "Mara Renamed")
    other = accounts.from_issuer("https://id.example", "43", "Mara")
    assert first == again
    assert other.id != first.id
    assert accounts.check(first.login, "") is None
    accounts.disable(first.login, by="test")
    assert accounts.from_issuer("https://id.example", "42", "Mara") is None
