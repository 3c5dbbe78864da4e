"""A world's ready documents: an unreadable one is left out with a warning."""

import json

import pytest

from data.documents.ready import ready_documents

GOOD = {"world": "tiny", "title": "Good", "events": [{"at_h": 0, "do": "fail", "asset": "grid"}]}
PLAN = {"world": "tiny", "title": "Evening", "injects": []}


@pytest.fixture
def folder(tiny_world_folder):
    for name, plain in (("scenarios", GOOD), ("exercises", PLAN)):
        (tiny_world_folder / name).mkdir()
        (tiny_world_folder / name / "good.json").write_text(json.dumps(plain))
    return tiny_world_folder


def test_what_is_sound_is_read(folder, tiny_world):
    ready = ready_documents(folder, tiny_world)
    assert [*ready.scenarios, *ready.exercises] == ["good", "good"]
    assert ready.notes == ()


@pytest.mark.parametrize("kind", ["scenarios", "exercises"])
@pytest.mark.parametrize("name", ["._good.json", ".hidden.json", "readme.txt", ".DS_Store"])
def test_hidden_and_other_files_are_passed_over(folder, tiny_world, kind, name):
    (folder / kind / name).write_bytes(b"\x00\x05\x16\x07\x00\x02")
    ready = ready_documents(folder, tiny_world)
    assert (len(ready.scenarios), len(ready.exercises), ready.notes) == (1, 1, ())


@pytest.mark.parametrize("kind", ["scenarios", "exercises"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"world": 3}', b"[" * 99_999, b'{"title": "\\ud800"}'],
)
def test_one_that_cannot_be_read_is_left_out_and_told(folder, tiny_world, kind, content):
    (folder / kind / "bad.json").write_bytes(content)
    ready = ready_documents(folder, tiny_world)
    assert (len(ready.scenarios), len(ready.exercises)) == (1, 1)
    assert ready.notes[0].startswith(f"{kind}: left out: bad.json")


def test_one_out_of_date_is_told_with_what_it_names(folder, tiny_world):
    plain = GOOD | {"events": [{"at_h": 0, "do": "fail", "asset": f"gone{n}"} for n in range(9)]}
    (folder / "scenarios" / "old.json").write_text(json.dumps(plain))
    notes = ready_documents(folder, tiny_world).notes
    assert "old.json: events[0].asset: no asset 'gone0'" in notes[0]
    assert notes[-1] == "scenarios: left out: 6 more problems."


def test_a_folder_without_any_is_fine(tiny_world_folder, tiny_world):
    assert ready_documents(tiny_world_folder, tiny_world).notes == ()
