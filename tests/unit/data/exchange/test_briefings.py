"""Briefings as files: sound HTML without anything active, tagged PDF, the same bytes each time."""

import io
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader

from data.exchange import briefings
from data.languages import PSEUDO, all_spoken
from models.papers.briefing import Briefing, Bullets, Numbers, Picture, Section, TableBlock, Text
from models.wording import speaking

HOSTILE = "<script>x</script> #emph[*a* $x$ \\ `\"'&"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path/></svg>'


DRAWN = f"{SVG[:-6]}<text>WORDS</text></svg>"


def _briefing(text: str = "Words", svg: str = SVG) -> Briefing:
    table = TableBlock(
        text, ("a", text), (("1", text), ("2", text)), frozenset({0}), ((0, 1, "best"),)
    )
    blocks = (
        Text(text, "lead"), Numbers(((text, text),)), Picture(svg, text, text), table,
        Bullets((text, text)), Text(text, "note"),
    )  # fmt: skip
    sections = (Section(text, blocks), Section(text, blocks, new_page=True))
    return Briefing(text, text, "TLP:AMBER", sections, text)


class _Tags(HTMLParser):
    def __init__(self, body: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.said: list[str] = []
        self.feed(body.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data):
        self.said.append(data)


@pytest.mark.parametrize("text", ["Words", HOSTILE, "long " * 2_000])
def test_html_says_all_and_runs_nothing(text):
    result = _Tags(briefings.html(_briefing(text)))
    assert not {"script", "iframe", "object", "link", "img"} & set(result.tags)
    assert not [name for name in result.attributes if name.startswith("on")]
    assert not {"src", "href"} & set(result.attributes)
    assert "".join(result.said).count(text.strip()) >= 14
    assert "▲ best" in "".join(result.said)


def test_html_has_landmarks_headings_and_table_heads():
    tags = _Tags(briefings.html(_briefing())).tags
    for item in ("main", "header", "footer", "h1", "h2", "caption", "th", "figcaption", "title"):
        assert item in tags


@pytest.mark.parametrize("code", [*all_spoken(), PSEUDO.code])
def test_both_forms_say_their_language(code):
    made = replace(_briefing(), language=code)
    assert briefings.html(made).startswith(f'<!doctype html><html lang="{code}">'.encode())
    assert PdfReader(io.BytesIO(briefings.pdf(made))).trailer["/Root"]["/Lang"] == code


def test_best_and_worst_are_said_in_the_language():
    with speaking(PSEUDO):
        page, paper = briefings.html(_briefing()).decode(), briefings.pdf(_briefing())
    assert "▲ ⟦best⟧" in page
    assert "best⟧" in PdfReader(io.BytesIO(paper)).pages[0].extract_text()


@pytest.mark.parametrize("text", ["Words", HOSTILE, "long " * 2_000])
def test_pdf_is_tagged_has_a_language_and_a_title(text):
    reader = PdfReader(io.BytesIO(briefings.pdf(_briefing(text))))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == text
    assert b"pdfuaid" in root["/Metadata"].get_data()


def _kinds(node, kinds):
    """Collect the structure types and alternative texts below a node of the structure tree."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            _kinds(child, kinds)
    elif hasattr(node, "get") and "/S" in node:
        kinds.append((node["/S"], node.get("/Alt")))
        _kinds(node.get("/K", []), kinds)
    elif hasattr(node, "get") and "/K" in node:
        _kinds(node["/K"], kinds)
    return kinds


def test_pdf_tags_tell_headings_tables_lists_and_figures():
    root = PdfReader(io.BytesIO(briefings.pdf(_briefing()))).trailer["/Root"]
    tags = _kinds(root["/StructTreeRoot"]["/K"], [])
    kinds = {kind for kind, _ in tags}
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/Figure", "/P"} <= kinds
    assert [alt for kind, alt in tags if kind == "/Figure"] == ["Words", "Words"]


def test_pdf_shows_markup_as_text():
    reader = PdfReader(io.BytesIO(briefings.pdf(_briefing(HOSTILE))))
    said = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert "<script>x</script>#emph[*a*$x$" in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Привет, قرار", "Привет"), ("Fire 🔥 at Łódź, 发电机", "Fire□atŁódź,□□□"), ("☃ ⿰ é", "é")],
)
def test_a_letter_that_the_fonts_lack_keeps_nobody_from_the_paper(text, shown):
    made = briefings.pdf(_briefing(text, DRAWN.replace("WORDS", text)))
    reader = PdfReader(io.BytesIO(made))
    assert shown in "".join("".join(page.extract_text().split()) for page in reader.pages)


def test_equal_briefings_are_equal_bytes():
    assert briefings.pdf(_briefing()) == briefings.pdf(_briefing())
    assert briefings.html(_briefing()) == briefings.html(_briefing())


def test_a_drawing_becomes_a_png():
    assert briefings.png(SVG).startswith(b"\x89PNG")
