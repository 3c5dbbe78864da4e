"""A briefing as HTML and as tagged PDF, a map as PNG: one content model, thin writers.

Both forms are self-contained: they fetch no script, font or picture. Typst makes the PDF with the
fonts of its package, so it looks the same everywhere and needs no browser.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import typst

from models.errors import BadInputError
from models.papers.briefing import (
    Block,
    Briefing,
    Bullets,
    Mark,
    Numbers,
    Picture,
    Section,
    TableBlock,
    Text,
    mark_word,
)
from models.wording import _

_HERE = Path(__file__).resolve().parent / "templates"
#: Creation time in a PDF: fixed, so that equal content gives equal bytes.
_FIXED_TIME = 946_684_800
#: Columns with cells up to this length are never wrapped.
_SHORT = 18
_SIGNS = {"best": "▲", "worst": "▼"}
#: Replaces a character without a glyph in the fonts.
_NO_LETTER = "□"
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")
_LATIN_1 = 0xFF


class _NoLetterError(BadInputError):
    """A text has a character without a glyph in the fonts."""


def html(briefing: Briefing) -> bytes:
    """Return a briefing as one HTML file."""
    label = f'<p class="label">{escape(briefing.label)}</p>' if briefing.label else ""
    parts = [
        f'<!doctype html><html lang="{escape(briefing.language)}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(briefing.title)}</title>",
        f"<style>{(_HERE / 'briefing.css').read_text(encoding='utf-8')}</style></head><body>",
        f"<header>{label}<h1>{escape(briefing.title)}</h1>",
        f"<p>{escape(briefing.subtitle)}</p></header><main>",
        *(_section(n, section) for n, section in enumerate(briefing.sections)),
        f"</main><footer>{escape(briefing.foot)}{' · ' + escape(briefing.label) if label else ''}",
        "</footer></body></html>\n",
    ]
    return "".join(parts).encode()


def _section(n: int, section: Section) -> str:
    page = ' class="page"' if section.new_page else ""
    title = f'<h2 id="s{n}">{escape(section.title)}</h2>'
    blocks = "".join(map(_block, section.blocks))
    return f'<section aria-labelledby="s{n}"{page}>{title}{blocks}</section>'


def _block(block: Block) -> str:
    if isinstance(block, Text):
        return f'<p class="{block.kind}">{escape(block.text)}</p>'
    if isinstance(block, Bullets):
        return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</ul>"
    if isinstance(block, Numbers):
        cells = (f"<div><dt>{escape(w)}</dt><dd>{escape(n)}</dd></div>" for n, w in block.items)
        return f'<dl class="numbers">{"".join(cells)}</dl>'
    if isinstance(block, Picture):
        caption = f"<figcaption>{escape(block.caption)}</figcaption>" if block.caption else ""
        drawn = block.svg.replace("<svg ", f'<svg aria-label="{escape(block.alt)}" ', 1)
        return f"<figure>{drawn}{caption}</figure>"
    return "".join(_table(block))


def _table(table: TableBlock) -> Iterator[str]:
    marks = {(row, column): mark for row, column, mark in table.marks if mark}
    yield f"<table><caption>{escape(table.caption)}</caption><thead><tr>"
    for c, cell in enumerate(table.head):
        yield f'<th scope="col"{_side(table, c)}>{escape(cell)}</th>'
    yield "</tr></thead><tbody>"
    for r, row in enumerate(table.rows):
        yield "<tr>"
        for c, cell in enumerate(row):
            mark = marks.get((r, c))
            said = f' <b class="{mark}">{_marked(mark)}</b>' if mark else ""
            yield f"<td{_side(table, c)}>{escape(cell)}{said}</td>"
        yield "</tr>"
    yield "</tbody></table>"


def _marked(mark: Mark) -> str:
    return escape(f"{_SIGNS[mark]} {mark_word(mark)}")


def _side(table: TableBlock, column: int) -> str:
    return ' class="right"' if column in table.right else ""


def pdf(briefing: Briefing) -> bytes:
    """Return a briefing as tagged PDF that claims PDF/UA-1."""
    plain, how = _plain(briefing), {"format": "pdf", "pdf_standards": "ua-1"}
    # PDF/UA forbids characters without a glyph, but users may type any: an emoji must not prevent
    # the whole paper. The first attempt is unchanged, because only Typst knows all glyphs.
    for keeps in (_is_of_a_script, _is_latin):
        try:
            return _pdf(plain, how)
        except _NoLetterError:
            plain = _spelled(plain, keeps)
    return _pdf(plain, how)


def _pdf(plain: Mapping[str, Any], how: Mapping[str, str]) -> bytes:
    made: bytes = _compiled("briefing.typ", plain, **how)
    return made


def _is_of_a_script(letter: str) -> bool:
    if unicodedata.category(letter)[0] in "LM":
        return unicodedata.name(letter, "").startswith(_SCRIPTS)
    return unicodedata.category(letter)[0] in "PZN" or ord(letter) <= _LATIN_1


def _is_latin(letter: str) -> bool:
    return ord(letter) <= _LATIN_1


def _spelled(plain: Any, keeps: Callable[[str], bool]) -> Any:
    """Return the content with a replacement for each character that is not kept."""
    if isinstance(plain, str):
        return "".join(letter if keeps(letter) else _NO_LETTER for letter in plain)
    if isinstance(plain, list):
        return [_spelled(entry, keeps) for entry in plain]
    if isinstance(plain, dict):
        return {key: _spelled(entry, keeps) for key, entry in plain.items()}
    return plain


def pages(briefing: Briefing, ppi: float = 80) -> list[bytes]:
    """Return each page of the PDF as a PNG, for review."""
    made = _compiled("briefing.typ", _plain(briefing), format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def png(svg: str, ppi: float = 144) -> bytes:
    """Return a drawing as PNG."""
    made: bytes | list[bytes] = _compiled("picture.typ", {"svg": svg}, format="png", ppi=ppi)
    return made[0] if isinstance(made, list) else made


def _compiled(template: str, plain: Mapping[str, Any], **how: Any) -> Any:
    """Pass the content to Typst as data, so that none of it is read as markup."""
    try:
        return typst.compile(
            (_HERE / template).read_bytes(),
            ignore_system_fonts=True,
            font_paths=[],
            sys_inputs={"doc": json.dumps(plain, ensure_ascii=False)},
            timestamp=_FIXED_TIME,
            root=str(_HERE),
            **how,
        )
    except typst.TypstError as error:
        text = _("The briefing could not be typeset: {reason}.").format(reason=error.message)
        if "could not be displayed" in error.message:
            raise _NoLetterError([text]) from None
        raise BadInputError([text]) from None


def _plain(briefing: Briefing) -> dict[str, Any]:
    return {
        "title": briefing.title,
        "subtitle": briefing.subtitle,
        "label": briefing.label,
        "foot": briefing.foot,
        "language": briefing.language,
        "sections": [
            {
                "title": section.title,
                "new_page": section.new_page,
                "blocks": [_plain_block(block) for block in section.blocks],
            }
            for section in briefing.sections
        ],
    }


def _plain_block(block: Block) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"is": "text", "text": block.text, "kind": block.kind}
    if isinstance(block, Bullets):
        return {"is": "bullets", "items": list(block.items)}
    if isinstance(block, Numbers):
        return {"is": "numbers", "items": [list(item) for item in block.items]}
    if isinstance(block, Picture):
        return {"is": "picture", "svg": block.svg, "alt": block.alt, "caption": block.caption}
    marks = {
        f"{row} {column}": {"is": mark, "text": f"{_SIGNS[mark]} {mark_word(mark)}"}
        for row, column, mark in block.marks
        if mark
    }
    return {
        "is": "table",
        "caption": block.caption,
        "head": list(block.head),
        "rows": [list(row) for row in block.rows],
        "right": sorted(block.right),
        "parts": _parts(block),
        "marks": marks,
    }


def _parts(table: TableBlock) -> list[int]:
    """Return the relative widths of columns; 0 for one as wide as its longest cell."""
    longest = [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]
    wide = [0 if c in table.right or n <= _SHORT else n for c, n in enumerate(longest)]
    return wide if any(wide) else [0 if c in table.right else 1 for c in range(len(wide))]


#: Writers of a briefing, by format.
FORMS: Mapping[str, Callable[[Briefing], bytes]] = {"pdf": pdf, "html": html}
