"""A small helping of ``python -m tests.fuzz``: hostile calls of all callbacks and routes."""

import os
import random

import pytest

from tests.fuzz import fuzz_bodies, fuzz_routes, stage
from usecases import page_input

#: CI asks the same each time, people something else
SEED = 0 if os.environ.get("CI") else random.randrange(10**6)


@pytest.fixture
def made():
    with stage() as made:
        yield made


def test_no_body_for_a_callback_makes_a_fault_or_changes_what_its_sender_may_not(made, caplog):
    counts = fuzz_bodies(made, 1_500, SEED)
    assert counts.total() == 1_500
    assert counts["callbacks, leader: 200, written"] > 0, "some of it is sound"
    assert "a callback failed" not in caplog.text, SEED


def test_no_question_to_a_route_makes_a_fault_or_changes_what_its_sender_may_not(made):
    counts = fuzz_routes(made, 6, SEED)
    routes = {route.partition(": ")[0] for route in counts}
    there = made.house.app.server.openapi()["paths"]
    every = {f"{method.upper()} {path}" for path, ways in there.items() for method in ways}
    assert every - routes == {"GET /api/stream"}


def test_every_route_that_is_posted_to_says_what_it_takes(made):
    there = made.house.app.server.openapi()["paths"]
    posted = {path: ways["post"] for path, ways in there.items() if "post" in ways}
    assert len(posted) > 15
    assert [path for path, way in posted.items() if "requestBody" not in way] == []


def test_a_fault_would_be_found(made, monkeypatch):
    monkeypatch.setattr(page_input, "selected", lambda stored: list(stored["assets"]))
    with pytest.raises(AssertionError, match="Something went wrong on the server"):
        fuzz_bodies(made, 1_000, 0)


def test_a_change_without_rights_would_be_found(made, monkeypatch):
    monkeypatch.setattr("usecases.editing.write.require_may_edit", lambda _: None)
    monkeypatch.setattr("usecases.editing.deciding.require_may_change", lambda *_: None)
    with pytest.raises(AssertionError, match="something was written"):
        fuzz_bodies(made, 2_000, 0)
