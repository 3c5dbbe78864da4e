"""Text and JSON of foreign files: bounded size, decoded, without unpaired surrogates."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from data.worlds.tables import MAX_TABLE_BYTES, Findings
from models.errors import BadInputError
from models.lettering import unwritable

_Parsed = TypeVar("_Parsed")

#: byte order marks of other encodings than UTF-8; longer ones first
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: escape of half of a surrogate pair in JSON; rare
_MAY_BE_HALF = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
#: of a name that is there twice, so many letters are shown
_SHOWN = 80
HALF = "a NUL or half of a character (a lone surrogate), not a whole one. Write the text anew."


def read_text(
    path: Path, findings: Findings, limit: int, *, any_unicode: bool = False
) -> str | None:
    """Return the text of a file of at most ``limit`` bytes, or None after reporting the problem.

    The encoding is UTF-8; with ``any_unicode`` also UTF-16 or UTF-32 with a byte order mark, as
    spreadsheets write it.

    Parameters
    ----------
    path
        The file.
    findings
        Where problems are noted.
    limit
        Most bytes that are read.
    any_unicode
        Whether UTF-16 and UTF-32 with a byte order mark are read as well.
    """
    try:
        size = path.stat().st_size
        if size > limit:
            megabytes = f"{size / 1e6:.0f} MB; the limit is {limit / 1e6:.0f} MB"
            findings.problem(path.name, f"too large: {megabytes}.")
            return None
        body = path.read_bytes()
    except OSError as error:
        findings.problem(path.name, f"cannot be read ({error.strerror or error}).")
        return None
    encoding = "utf-8-sig"
    if any_unicode:
        encoding = next((name for mark, name in _MARKS if body.startswith(mark)), encoding)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        findings.problem(
            f"{path.name}, line {line}", "not UTF-8. Save the file with the encoding UTF-8."
        )
        return None
    if not text.strip():
        findings.problem(path.name, "the file is empty.")
        return None
    if text.count("\0") > len(text) // 4:
        findings.problem(path.name, "not UTF-8 but UTF-16. Save it with the encoding UTF-8.")
        return None
    return text


def read_json(path: Path, findings: Findings, limit: int = MAX_TABLE_BYTES) -> Any:
    """Return the content of a JSON file, or None after reporting the problem.

    Parameters
    ----------
    path
        The file.
    findings
        Where problems are noted.
    limit
        Most bytes that are read.
    """
    plain = parse_json(path, findings, limit)
    for place in unwritable(plain[0]) if plain and plain[1] else ():
        findings.problem(f"{path.name}: {place}", HALF)
        return None
    return plain[0] if plain else None


def parse_json(path: Path, findings: Findings, limit: int) -> tuple[Any, bool] | None:
    """Return the content of a JSON file, and whether it may contain unpaired surrogates.

    None after reporting a problem.

    Parameters
    ----------
    path
        The file.
    findings
        Where problems are noted.
    limit
        Most bytes that are read.
    """
    text = read_text(path, findings, limit)
    if text is None:
        return None
    try:
        plain = json.loads(text, object_pairs_hook=_each_once)
        return plain, _MAY_BE_HALF.search(text) is not None
    except _TwiceError as error:
        text = f"{str(error)!r} is there twice in one object. Leave one of them."
        findings.problem(path.name, text)
    except json.JSONDecodeError as error:
        place = f"{path.name}, line {error.lineno}, character {error.colno}"
        findings.problem(place, f"not valid JSON ({error.msg}).")
    except (RecursionError, ValueError):
        findings.problem(path.name, "JSON that is nested too deep or has too long a number.")
    return None


class _TwiceError(Exception):
    """A name that one JSON object has twice."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of a JSON object; of two with one name, JSON would keep the last."""
    plain = dict(pairs)
    if len(plain) < len(pairs):
        (name, _times), *_rest = Counter(name for name, _value in pairs).most_common(1)
        raise _TwiceError(name[:_SHOWN])
    return plain


def read_checked(path: Path, limit: int, parse: Callable[[object], _Parsed]) -> _Parsed:
    """Read a JSON file of at most ``limit`` bytes and return the result of ``parse``.

    Parameters
    ----------
    path
        The file.
    limit
        In bytes; a larger file is refused unread.
    parse
        Validates the content.

    Returns
    -------
    The result of ``parse``.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file and the place in it.
    """
    findings = Findings()
    plain = read_json(path, findings, limit)
    if findings.problems:
        raise BadInputError(findings.problems)
    try:
        return parse(plain)
    except BadInputError as error:
        raise BadInputError(f"{path.name}: {line}" for line in error.problems) from None
