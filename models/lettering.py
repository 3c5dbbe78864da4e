"""Invisible characters in names: escaped for display, and compared.

A line end in a name can forge a line of a list, a bidi override reverses the rest of a line, and a
control character controls the terminal that prints it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from models.wording import _

#: control characters, line and paragraph separators, bidi embeddings, overrides and isolates,
#: halves of surrogate pairs, and Unicode noncharacters
_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]"
)
_HALF = re.compile("[\ud800-\udfff]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def has_unshown(text: str) -> bool:
    """Return whether a text contains a character that :func:`escaped` would escape."""
    return _UNSHOWN.search(text) is not None


def escaped(text: str) -> str:
    r"""Return a text as one line with its invisible letters escaped: ``\n``, ``\u202e``."""
    return _UNSHOWN.sub(lambda match: _code(match[0]), text) if has_unshown(text) else text


def first_unshown(text: str) -> str:
    """Return the code of the first character that :func:`escaped` would escape."""
    match = _UNSHOWN.search(text)
    return "" if match is None else f"U+{ord(match[0]):04X}"


def has_half_letter(text: str) -> bool:
    """Return whether a text contains half of a surrogate pair, which cannot be stored."""
    return not text.isascii() and _HALF.search(text) is not None


def unwritable(plain: Any) -> Iterator[str]:
    """Yield the paths in a plain value of texts that no file or database can store."""
    waiting = [("", plain)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str) and (has_half_letter(value) or "\0" in value):
            yield place or "the text"
        elif isinstance(value, Mapping):
            if any(has_half_letter(key) or "\0" in key for key in value):
                yield f"{place} (a name in it)".strip()
            waiting += [(f"{place}.{key}".lstrip("."), entry) for key, entry in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}[{n}]", entry) for n, entry in enumerate(value)]


def look_alike(wrong: str, known: str) -> bool:
    """Return whether two different texts look the same: composed letters, zero-width blanks."""
    return wrong != known and _seen(wrong) == _seen(known)


def told_apart(wrong: str, known: str) -> str:
    """Return "Did you mean …?" for a known text that looks like the wrong one."""
    start = 0
    while start < min(len(wrong), len(known)) and wrong[start] == known[start]:
        start += 1
    end = 0
    most = min(len(wrong), len(known)) - start
    while end < most and wrong[-1 - end] == known[-1 - end]:
        end += 1
    theirs, yours = (_numbers(text[start : len(text) - end]) for text in (known, wrong))
    text = _("Did you mean '{known}'? It looks the same, but has {theirs} where this has {yours}.")
    return text.format(known=known, theirs=theirs, yours=yours)


def _seen(text: str) -> str:
    visible = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join("".join(visible).split())


def _numbers(text: str) -> str:
    return " ".join(f"U+{ord(letter):04X}" for letter in text[:8]) or _("nothing")


def _code(letter: str) -> str:
    number = ord(letter)
    return _SHORT.get(letter) or (f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}")
