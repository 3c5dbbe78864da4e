"""The content of a briefing, independent of its format: sections of texts, tables and pictures.

``layouts/paper/briefing.py`` makes one; ``data/exchange/briefings.py`` writes it as HTML or PDF.
Nothing here has markup: every text is shown verbatim.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.wording import N_, _

#: Longest name, in letters, so that a briefing stays within two pages.
MAX_NAME, MAX_TEXT = 60, 400
Mark = Literal["", "best", "worst"]
_MARKS = {"best": N_("best"), "worst": N_("worst")}


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; ``note`` is small print, ``lead`` the summarising sentence."""

    text: str
    kind: Literal["plain", "note", "lead"] = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, each entry one short line or two."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The few figures to remember: (number, what it counts)."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TableBlock:
    """Rows under a head; columns named in ``right`` hold numbers. ``marks`` by (row, column)."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    marks: tuple[tuple[int, int, Mark], ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG, with a text alternative."""

    svg: str
    alt: str
    caption: str = ""


Block = Text | Bullets | Numbers | TableBlock | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its content; ``page`` names the page it begins, if it begins one."""

    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Briefing:
    """A whole briefing. ``label`` is the TLP line, empty if none is set."""

    title: str
    subtitle: str
    label: str
    sections: tuple[Section, ...]
    foot: str
    language: str = "en"


def mark_word(mark: Mark) -> str:
    """Return the words for a mark of a table."""
    return _(_MARKS[mark])


def cut(text: str, most: int = MAX_NAME) -> str:
    """Return a text as one line of printable characters, cut to a length."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def lines(briefing: Briefing) -> Iterator[str]:
    """Yield a briefing as plain text, line by line: for mails, for tests, for reading aloud."""
    yield from (line for line in (briefing.label, briefing.title, briefing.subtitle) if line)
    for section in briefing.sections:
        yield from ("", f"## {section.title}")
        for block in section.blocks:
            yield from _block_lines(block)
    yield from ("", briefing.foot)


def _block_lines(block: Block) -> Iterator[str]:
    if isinstance(block, Text):
        yield block.text
    elif isinstance(block, Bullets):
        yield from (f"- {item}" for item in block.items)
    elif isinstance(block, Numbers):
        yield from (f"{number} {what}" for number, what in block.items)
    elif isinstance(block, Picture):
        yield f"[{block.alt}]"
    else:
        marks = {(row, column): f" ({mark_word(mark)})" for row, column, mark in block.marks}
        yield f"{block.caption}:"
        yield " | ".join(block.head)
        for r, row in enumerate(block.rows):
            yield " | ".join(cell + marks.get((r, c), "") for c, cell in enumerate(row))
