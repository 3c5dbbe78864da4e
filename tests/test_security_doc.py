"""docs/security.md names a test for each promise: every one that it names is there."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
TEXT = (TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")
#: of each line of a table the cells; of these, what is in backticks
CELLS = [cell for line in TEXT.splitlines() if line.startswith("|") for cell in line.split("|")]
NAMED = sorted({name for cell in CELLS for name in re.findall(r"`([^`]+)`", cell)})
PATHS = [item for item in NAMED if re.match(r"(unit|integration|e2e|test_)[\w/]*(\.py|/)$", item)]
PARTS = [item for item in NAMED if "…" in item]


@pytest.fixture(scope="module")
def known():
    sources = (path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    return [name for text in sources for name in re.findall(r"def (test_\w+)", text)]


@pytest.mark.parametrize("path", PATHS)
def test_every_file_that_is_named_is_there(path):
    assert (TESTS / path).exists()


@pytest.mark.parametrize("part", PARTS)
def test_every_test_that_is_named_is_there(part, known):
    pieces = [re.escape(piece) for piece in part.split("…") if piece]
    pattern = re.compile(".*".join(["", *pieces, ""]))
    assert any(pattern.fullmatch(name) for name in known)


def test_every_promise_about_others_has_a_test():
    table = TEXT.partition("| promise | test | figure |")[2].partition("\n\n")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("|")][1:]
    assert len(rows) > 10
    assert not [row[1] for row in rows if "`" not in row[2]]
