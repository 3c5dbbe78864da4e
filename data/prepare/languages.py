"""Finds every text that is to be translated, and brings the catalogues up to date.

    python -m data.prepare.languages

New texts are added without a translation, those that nobody says any more go; nothing is guessed.
The same code and catalogues give the same bytes. ``docs/how-to/translate.md`` says how strings
are marked and how a language is worked on.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po

from data.languages import (
    DOMAIN,
    NAMES,
    catalogue_file,
    key_forms,
    read_catalogue,
    said_forms,
    template_file,
)
from models.errors import BadInputError

ROOT = Path(__file__).resolve().parents[2]
#: where texts stand that people see on the page or in what leaves it
PYTHON = ("models/**/*.py", "layouts/**/*.py", "usecases/**/*.py", "callbacks/**/*.py",
          "api/**/*.py", "data/*.py", "data/*/*.py", "app.py")  # fmt: skip
SCRIPTS = ("assets/page/**/*.js",)
SHEETS = ("layouts/paper/sheets/*.j2",)
TABLES = (
    "data/knowledge/sectors.csv",
    "data/knowledge/services.csv",
    "data/knowledge/dependency_rules.csv",
)
#: what marks a text in Python; (1, 2): its first two arguments, "c": a context
PYTHON_MARKS: dict[str, Any] = {"_": None, "N_": None, "n_": (1, 2), "p_": ((1, "c"), 2)}
SCRIPT_MARKS: dict[str, Any] = {
    "t": None,
    "tn": (1, 2),
    "tp": ((1, "c"), 2),
}
#: column → the context that its texts are said in (``layouts/words.py``)
COLUMNS = {
    "sectors.csv": {"display_sector": "sector", "label": "asset type"},
    "services.csv": {"label": "service", "people_label": "people without"},
    "dependency_rules.csv": {"buffer_type": "buffer"},
}
PLURALS = {"fr": "(n > 1)"}
_CALL = re.compile(r"(?<![\w.$])(t|tn|tp)\(\s*")
_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_NEXT = re.compile(r"\s*,\s*")
_PLACE = re.compile(r"\{([^{}]*)\}")

#: line, mark, its texts, comments: what Babel asks of who finds texts
Found = tuple[int, str, str | tuple[str, ...], list[str]]


def find_all() -> Catalog:
    """Return every marked text of the code, its scripts and its tables.

    Raises
    ------
    BadInputError
        One line per mark that holds no plain text.
    """
    catalogue, problems = _empty(None), list[str]()
    for path in _files(PYTHON):
        problems += _unplain(path)
        _add(catalogue, path, "python", PYTHON_MARKS)
    for path in _files(SCRIPTS):
        try:
            _add(catalogue, path, texts_of_script, SCRIPT_MARKS)
        except BadInputError as error:
            problems += [f"{_name(path)}, {line}" for line in str(error).splitlines()]
    for path in _files(SHEETS):
        _add(catalogue, path, "jinja2.ext:babel_extract", PYTHON_MARKS)
    for path in _files(TABLES):
        _add(catalogue, path, texts_of_table, {"p_": PYTHON_MARKS["p_"]})
    if problems:
        raise BadInputError(problems)
    return catalogue


def _files(patterns: Iterable[str]) -> list[Path]:
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _add(catalogue: Catalog, path: Path, method: Any, marks: Mapping[str, Any]) -> None:
    with path.open("rb") as file:
        for _line, text, comments, context in extract(
            method, file, keywords=marks, comment_tags=("i18n:",), strip_comment_tags=True
        ):
            # without the line: it would change with every edit above it
            catalogue.add(
                text, locations=[(_name(path), 0)], auto_comments=comments, context=context
            )


def _unplain(path: Path) -> Iterator[str]:
    """Yield marked expressions that cannot be in a catalogue, and hidden marks."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _hidden(path, node)
        if isinstance(node, ast.JoinedStr):
            yield from _inside(path, node)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = {"_": node.args[:1], "N_": node.args[:1]}.get(node.func.id, node.args[:2])
        if node.func.id in PYTHON_MARKS and any(not _is_plain(text) for text in texts):
            yield (
                f"{_name(path)}, line {node.lineno}: {node.func.id}(…) takes a plain text or a "
                "constant that N_ marks, not one that is put together. Use .format after it."
            )


def _inside(path: Path, formatted: ast.JoinedStr) -> Iterator[str]:
    """Yield texts that are marked inside an f-string: Python 3.11 does not show them to Babel."""
    for node in ast.walk(formatted):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in PYTHON_MARKS and isinstance(node.args[0], ast.Constant):
            yield (
                f"{_name(path)}, line {node.lineno}: {node.func.id}(…) stands inside an f-string, "
                "where its text is not found. Give it a name before."
            )


def _is_plain(node: ast.expr) -> bool:
    """Say whether this is a text, or looks one up that is marked elsewhere."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return not isinstance(node, ast.JoinedStr | ast.BinOp)


def _hidden(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield where a function uses ``_`` for a value, too: the mark would be that value."""
    inside = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == "_"]
    called = [
        node.func
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    arguments = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
    stored = "_" in arguments or any(isinstance(node.ctx, ast.Store) for node in inside)
    if stored and any(argument.id == "_" for argument in called):
        yield (
            f"{_name(path)}, {function.name}(): '_' is a value here, so _(…) cannot mark a text. "
            "Give the value a name, such as '_rest'."
        )


def texts_of_script(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Any
) -> Iterator[Found]:
    """Yield the marked texts of a script; Babel's own reader loses its way in nested templates.

    Parameters
    ----------
    file, keywords, comment_tags, options
        As Babel hands them to a reader of texts; only ``file`` is looked at.

    Raises
    ------
    BadInputError
        One line per mark that holds no plain text in double quotes.
    """
    source, problems = file.read().decode(), list[str]()
    for call in _CALL.finditer(source):
        line, mark = source.count("\n", 0, call.start()) + 1, call[1]
        texts = _literals(source, call.end(), 1 if call[1] == "t" else 2)
        if texts is None:
            problems.append(f"line {line}: {mark}(…) takes plain texts in double quotes.")
        else:
            yield line, mark, texts if len(texts) > 1 else texts[0], []
    if problems:
        raise BadInputError(problems)


def _literals(source: str, at: int, count: int) -> tuple[str, ...] | None:
    literals = list[str]()
    for number in range(count):
        if number:
            if (comma := _NEXT.match(source, at)) is None:
                return None
            at = comma.end()
        if (text := _TEXT.match(source, at)) is None:
            return None
        literals.append(str(json.loads(text[0])))
        at = text.end()
    # a text that goes on by + is none
    return tuple(literals) if re.match(r"\s*[,)]", source[at:]) else None


def texts_of_table(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Any
) -> Iterator[Found]:
    """Yield the labels of a knowledge table, each in the context of its column.

    Parameters
    ----------
    file, keywords, comment_tags, options
        As Babel hands them to a reader of texts; only ``file`` is looked at.
    """
    columns = COLUMNS[Path(file.name).name]
    for line, row in enumerate(csv.DictReader(io.StringIO(file.read().decode())), start=2):
        for column, context in columns.items():
            # a sector's name is made of its id: layouts.words.readable
            text = row[column].capitalize() if column == "display_sector" else row[column]
            yield line, "p_", (context, text), []


# --- catalogues ------------------------------------------------------------------------------


def _empty(code: str | None) -> Catalog:
    catalogue = Catalog(
        locale=code,
        domain=DOMAIN,
        project="Knock-on",
        header_comment="# Knock-on: see docs/how-to/translate.md",
        charset="utf-8",
        fuzzy=False,
    )
    if code is not None:
        # numbers are written in digits, so the form for "a million of" that CLDR has is not used
        form = PLURALS.get(code, "(n != 1)")
        catalogue.mime_headers = [("Plural-Forms", f"nplurals=2; plural={form};")]
    return catalogue


def updated(code: str, texts: Catalog) -> Catalog:
    """Return a language's catalogue with exactly these texts; translations are kept."""
    path = catalogue_file(code)
    before = read_catalogue(path, code) if path.exists() else _empty(code)
    fresh = _empty(code)
    for text in texts:
        if not text.id:
            continue
        earlier = before.get(key_forms(text)[0], text.context)
        same = earlier is not None and key_forms(earlier) == key_forms(text) and not earlier.fuzzy
        comments = earlier.user_comments if earlier is not None and same else []
        fresh.add(
            text.id,
            earlier.string if earlier is not None and same else None,
            locations=text.locations,
            auto_comments=text.auto_comments,
            user_comments=comments,
            context=text.context,
        )
    return fresh


def written(catalogue: Catalog) -> bytes:
    """Return the bytes of a catalogue's file, sorted by text: a moved file moves nothing in it."""
    out = io.BytesIO()
    write_po(out, catalogue, width=100, sort_output=True, include_lineno=False)
    header = r'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid-Bugs-To|Project-Id-Version|Generated-By): .*\n'  # noqa: E501
    # who and when is in the history; here it would only be in the way of a merge
    return re.sub(header, "", out.getvalue().decode(), flags=re.MULTILINE).encode()


def problems_of(code: str, texts: Catalog) -> list[str]:
    """Return missing, stale, fuzzy or wrong entries of a language's catalogue."""
    catalogue = read_catalogue(catalogue_file(code), code)
    expected = {(text.context, key_forms(text)) for text in texts if text.id}
    held = {(message.context, key_forms(message)): message for message in catalogue if message.id}
    problems = [f"missing: {key}" for key in sorted(expected - held.keys(), key=str)]
    problems += [f"stale: {key}" for key in sorted(held.keys() - expected, key=str)]
    for key, message in held.items():
        if message.fuzzy:
            problems.append(f"fuzzy: {key}")
        if not all(said_forms(message)):
            problems.append(f"empty: {key}")
            continue
        problems += _places_differ(key_forms(message), said_forms(message))
    return [f"{code}: {line}" for line in problems]


def _places_differ(texts: tuple[str, ...], said: tuple[str, ...]) -> Iterator[str]:
    """Yield where a translation has other places than its text; 'one' may leave the number out."""
    for number, form in enumerate(said):
        text = texts[min(number, len(texts) - 1)]
        places, translated = set(_PLACE.findall(text)), set(_PLACE.findall(form))
        allowed = places | (set(_PLACE.findall(texts[-1])) if len(texts) > 1 else set())
        if not places <= translated | ({"n"} if not number and len(texts) > 1 else set()):
            yield f"'{form}' lacks {sorted(places - translated)} of '{text}'"
        if not translated <= allowed:
            yield f"'{form}' has {sorted(translated - allowed)}, '{text}' has not"
        if form.strip() != form and text.strip() == text:
            yield f"'{form}' begins or ends with a space, '{text}' does not"


def main() -> None:
    """Write the template and every catalogue, and print what is still to be translated."""
    texts = find_all()
    template_file().parent.mkdir(parents=True, exist_ok=True)
    template_file().write_bytes(written(texts))
    for code in NAMES:
        path = catalogue_file(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(updated(code, texts)))
        print(f"{code}: {len(texts)} texts, {len(problems_of(code, texts))} to do")


if __name__ == "__main__":
    main()
