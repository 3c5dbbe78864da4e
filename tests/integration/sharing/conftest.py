"""A server that asks for sign-in, and who leads a session there."""

import pytest
from argon2 import PasswordHasher

from tests.integration.people import House


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch):
    """Hash as ever, but with little work; ``test_accounts.py`` has the real thing."""
    monkeypatch.setattr("data.store.accounts._HASHER", PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture
def house(tiny_world, tiny_scenario, tmp_path):
    house = House(tiny_world, f"sqlite:///{tmp_path / 'shared.db'}", tiny_scenario)
    yield house
    house.close()


@pytest.fixture
def leader(house):
    return house.leader(session="Storm")
