"""How a text of the store reaches a viewer: through ``usecases/redaction.py``, by no other way."""

import ast
from pathlib import Path

import pytest

from models.revisions import (
    CannotTakeBackError,
    DeletedScenarioError,
    LogLine,
    QuotingError,
    ShownLine,
    StaleRevisionError,
)

ROOT = Path(__file__).resolve().parents[1]
#: rooms whose texts are sent to users
SENDING = ("api", "callbacks", "usecases")
#: what makes a text for one viewer
MAKER = ROOT / "usecases" / "redaction.py"
#: makes an error of another, for its own reader: a scrubbed one, one line each without its place
REMADE = {
    ("usecases/seat.py", "error"),
    ("usecases/exercise/commands.py", "error"),
    # problems of foreign files, collected before anything is in the store
    ("usecases/importing.py", "error"),
    # of the parser of filters: about the text that the same viewer sent, before anything is read
    ("usecases/knowledge/selecting.py", "error"),
}
#: who may ask for a computation: each answer is cut to what the user may see and know by now
ASKS = {"usecases/asking.py"}
MODULES = [path for room in SENDING for path in sorted((ROOT / room).rglob("*.py"))]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def texts_of_errors(tree):
    """Return the variables that hold an error and are made a text: str(e), f'{e}', e.args."""
    caught = {
        handler.name
        for handler in ast.walk(tree)
        if isinstance(handler, ast.ExceptHandler) and handler.name
    }
    caught |= {
        part.arg
        for part in ast.walk(tree)
        if isinstance(part, ast.arg) and part.annotation and "Error" in ast.unparse(part.annotation)
    }
    for part in ast.walk(tree):
        made = []
        if isinstance(part, ast.Call) and ast.unparse(part.func) in ("str", "repr", "format"):
            made = part.args
        if isinstance(part, ast.FormattedValue):
            made = [part.value]
        if isinstance(part, ast.Attribute) and part.attr in ("args", "problems"):
            made = [part.value]
        for item in made:
            if isinstance(item, ast.Name) and item.id in caught:
                yield item.id


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_error_becomes_a_text_elsewhere(path):
    if path == MAKER:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {(name_of(path), name) for name in texts_of_errors(tree)}
    assert found <= REMADE, "use text_of or text_for of usecases/redaction.py"


def test_the_search_finds_texts_of_errors():
    made = "try:\n  f()\nexcept E as e:\n  g(str(e), f'{e}', e.args)\n"
    assert len(list(texts_of_errors(ast.parse(made)))) == 3
    assert list(texts_of_errors(ast.parse("def f(error: KnockOnError): return str(error)")))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_reasons_as_they_are_kept_are_read_in_one_place(path):
    """``history`` returns lines unredacted: its callers must not show their reasons."""
    if path == MAKER:
        return
    text = path.read_text(encoding="utf-8")
    reads = [
        ast.unparse(part)
        for part in ast.walk(ast.parse(text))
        if isinstance(part, ast.Attribute) and part.attr == "history"
    ]
    names_reasons = ".reason" in text and "shown_lines(" not in text
    assert not (reads and names_reasons), "lines are shown as usecases/redaction.py makes them"


def line(number=2, kind="changed"):
    return LogLine(number, kind, "Mara", "2026-11-30T12:00:00+00:00", "Bunker fails")


@pytest.mark.parametrize(
    "error",
    [
        StaleRevisionError(1, 2, [line()]),
        CannotTakeBackError(line(), line(3)),
        DeletedScenarioError(line(kind="deleted")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_quotes_a_log_has_no_reason_in_its_own_text(error):
    assert isinstance(error, QuotingError)
    for text in (str(error), repr(error), str(error.args), f"{error.lines}"):
        assert "Bunker" not in text
    whole = error.quoting([ShownLine.of(item, item.reason) for item in error.lines])
    assert "Bunker" in whole
    assert "Mara at 12:00 UTC" in str(error)


def test_every_error_that_holds_lines_of_a_log_is_of_the_type_that_hides_them():
    """A new error that quotes a line in its own way would be found here."""
    for path in (ROOT / "models" / "revisions.py", ROOT / "data" / "store" / "revisions.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for part in ast.walk(tree):
            if not isinstance(part, ast.ClassDef) or part.name == "QuotingError":
                continue
            takes = {ast.unparse(a.annotation) for a in ast.walk(part)
                     if isinstance(a, ast.arg) and a.annotation}  # fmt: skip
            bases = {ast.unparse(base) for base in part.bases}
            if "KnockOnError" in bases:
                assert not any("LogLine" in take for take in takes), part.name


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_answers_are_computed_in_one_place(path):
    """So that each is redacted to the user's clearance and to what an exercise has revealed."""
    if name_of(path) in ASKS or "usecases/compute/" in name_of(path):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asked = [
        ast.unparse(part)
        for part in ast.walk(tree)
        if isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Attribute)
        and part.value.attr == "computer"
    ]
    assert asked == [], "ask through usecases/asking.py"
