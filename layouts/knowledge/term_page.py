"""A page that lists statements: the vocabulary term by term, or one thing of a world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from models.wording import spoken

Statement = tuple[str, str, str]
_PAGE = """<!doctype html>
<html lang="LANGUAGE">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>TITLE</title>
<link rel="icon" href="/_favicon.ico">
<link rel="stylesheet" href="/assets/00_tokens.css">
<link rel="stylesheet" href="/assets/05_base.css">
<link rel="stylesheet" href="/assets/doorway/terms.css">
</head>
<body class="terms">
<main>
<h1>TITLE</h1>
<p>LEAD</p>
SECTIONS
</main>
</body>
</html>
"""


def term_page(
    title: str,
    lead: str,
    sections: Sequence[tuple[str, Sequence[Statement]]],
    addresses: Mapping[str, str],
) -> str:
    """Return the page.

    Parameters
    ----------
    title, lead
        Heading, and one sentence below it.
    sections
        Each thing with its statements: predicate, value, and the IRI of the value or ``""``.
    addresses
        What IRIs begin with → the address on this server. Other IRIs are not linked: the page
        leads nowhere else.
    """
    parts = (_section(name, rows, addresses) for name, rows in sections)
    filled = {"LANGUAGE": spoken().code, "TITLE": escape(title), "LEAD": escape(lead)}
    page = _PAGE
    for word, text in filled.items():
        page = page.replace(word, text)
    return page.replace("SECTIONS", "\n".join(parts))


def _section(name: str, rows: Sequence[Statement], addresses: Mapping[str, str]) -> str:
    local = name.rpartition("#")[2]
    body = "\n".join(
        f"<tr><th>{escape(predicate)}</th><td>{_value(text, iri, addresses)}</td></tr>"
        for predicate, text, iri in rows
    )
    heading = f'<h2 id="{escape(local, quote=True)}">{escape(local)}</h2>' if local else ""
    return f"<section>{heading}<table>{body}</table></section>"


def _value(text: str, iri: str, addresses: Mapping[str, str]) -> str:
    for start, address in addresses.items():
        if iri.startswith(start):
            target = escape(address + iri.removeprefix(start), quote=True)
            return f'<a href="{target}">{escape(text)}</a>'
    return escape(text)
