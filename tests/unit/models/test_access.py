"""Who may see and change what."""

import pytest

from models.access import LABELS, LOCAL_USER, NOBODY, Who, as_asked_by, asking


def test_nobody_asks_until_somebody_is_found():
    assert asking() is NOBODY
    with as_asked_by(LOCAL_USER):
        assert asking() is LOCAL_USER
    assert asking() is NOBODY


def test_nobody_may_do_nothing():
    assert not NOBODY.may_look
    assert not NOBODY.may_edit("energy")
    assert not NOBODY.leads
    assert [label for label in LABELS if NOBODY.may_see(label)] == ["CLEAR"]


def test_one_person_without_sign_in_may_do_everything():
    assert LOCAL_USER.may_look
    assert LOCAL_USER.leads
    assert LOCAL_USER.may_edit("energy")
    assert all(LOCAL_USER.may_see(label) for label in LABELS)


@pytest.mark.parametrize("clearance", LABELS)
def test_a_clearance_shows_its_label_and_every_more_open_one(clearance):
    who = Who("w", role="observer", clearance=clearance)
    seen = [label for label in LABELS if who.may_see(label)]
    assert seen == list(LABELS[: LABELS.index(clearance) + 1])


@pytest.mark.parametrize(
    ("role", "sectors", "edits"),
    [
        ("participant", frozenset({"water"}), False),
        ("participant", frozenset({"energy"}), True),
        ("participant", None, True),
        ("observer", None, False),
        ("public", None, False),
        ("facilitator", frozenset(), True),
    ],
)
def test_a_participant_changes_only_the_sectors_assigned(role, sectors, edits):
    assert Who("w", role=role, sectors=sectors).may_edit("energy") is edits
