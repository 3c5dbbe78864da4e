"""A briefing: its content with hostile names, and its drawings as well-formed XML."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from data.exchange.cap import cap
from data.languages import PSEUDO, all_spoken
from layouts.paper.briefing import briefing, mail_list
from layouts.paper.outgoing import Warn, alert, made_words
from layouts.paper.situation_map import GRAVITY, Situation, situation_map, symbol
from layouts.paper.subject import Subject, lacking_words
from layouts.paper.timeline_chart import timeline
from layouts.words import Labels, ServiceWords
from models.cascade.timed.engine import run
from models.explain.helping import helps
from models.outcome import STATES
from models.papers.briefing import MAX_NAME, Picture, cut, lines
from models.scenario import Event, Measure, Scenario
from models.units import to_ms
from models.wording import speaking

LABELS = Labels(
    services={
        "drinking water": ServiceWords("Drinking water", "without drinking water"),
        "electricity": ServiceWords("Electricity", "without electricity"),
    },
    special_types=frozenset({"hospital"}),
)
FAILS = Scenario("tiny", events=(Event(0, "fail", asset="grid"),), horizon_h=48, title="Grid")
HOSTILE = '<script>alert("x")</script> #emph[*_$ \\ \x00\x1b‮ & "\''
BASE = {
    "water": [{"geometry": {"type": "Polygon", "coordinates": [[[13, 53], [14, 53], [14, 54]]]}}],
    "places": [
        {
            "geometry": {"type": "Point", "coordinates": [13.2, 53.55]},
            "properties": {"name": "Tiny <town>", "rank": 1},
        }
    ],
}
SVG = "{http://www.w3.org/2000/svg}"


def _subject(world, scenario=FAILS, at_h=4.0, label=""):
    about = (world, scenario, run(world, scenario), LABELS, to_ms(at_h), "abc")
    return Subject(*about, label=label)


def _text(world, **how):
    subject = _subject(world, **how)
    acts = helps(world, subject.scenario, subject.outcome, subject.at_ms)
    return "\n".join(lines(briefing(subject, BASE, acts)))


def _renamed(world, name):
    assets = {a: replace(asset, name=f"{name} {a}") for a, asset in world.assets.items()}
    return replace(world, assets=assets)


def test_it_says_what_began_who_is_without_and_what_comes_next(tiny_world):
    text = _text(tiny_world)
    assert "Substation fails at 0 h." in text
    assert "Drinking water | 0 | 1,200 | 8 h | 48,000" in text
    assert "8 h | 4 h | Water works |" in text
    assert "Substation is repaired | 48,000 | 1,200" in text
    assert "Run abc" in text
    assert "TLP" not in text


def test_a_label_stands_on_top(tiny_world):
    assert _text(tiny_world, label="TLP:AMBER").startswith("TLP:AMBER\nGrid\n")


def test_nothing_happens_is_said_and_drawn(tiny_world):
    text = _text(tiny_world, scenario=Scenario("tiny"))
    assert "Nothing has been knocked out." in text
    assert "No further loss in this scenario." in text
    assert "No single repair or supply" in text


def test_long_names_are_cut_and_hostile_ones_are_only_text(tiny_world):
    world = _renamed(tiny_world, "long " * 2_000)
    for line in _text(world).split("\n"):
        assert len(line) < 700
    text = mail_list(_subject(_renamed(tiny_world, HOSTILE)))
    assert not any(c in text for c in "\x00\x1b‮")
    assert "<script>" in text  # plain text carries it as it stands


@pytest.mark.parametrize("name", ["Plain", HOSTILE, "long " * 2_000, "日本語 Ä", ""])
def test_drawings_are_sound_xml_with_nothing_active(tiny_world, name):
    subject = _subject(_renamed(tiny_world, name), scenario=replace(FAILS, title=name))
    made = briefing(subject, BASE)
    drawn = [b.svg for s in made.sections for b in s.blocks if isinstance(b, Picture)]
    assert len(drawn) == 2
    for svg in drawn:
        root = etree.fromstring(svg)
        assert root.tag == f"{SVG}svg"
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            "svg", "title", "clipPath", "g", "rect", "path", "circle", "polygon", "text",
        }  # fmt: skip


def test_the_map_draws_each_asset_in_its_state_and_what_people_do(tiny_world):
    states = {"grid": "failed-direct", "works": "backup"}
    shown = Situation(0, states, links_hit=frozenset({"line"}), acts={"clinic": "supply"})
    root = etree.fromstring(situation_map(tiny_world, BASE, shown, "map"))
    said = "".join(root.itertext())
    for words in ("Hit (1)", "On backup (1)", "Working", "Measure, supply or repair", "km"):
        assert words in said


def test_every_state_has_a_shape_of_its_own():
    assert set(GRAVITY) == set(STATES)
    assert len({symbol(state, 10, 10) for state in STATES}) == len(STATES)


def test_measures_supplies_and_repairs_are_on_the_map_once_they_are_made(tiny_world):
    helped = replace(
        FAILS,
        events=(*FAILS.events, Event(6, "supply", asset="clinic", service="electricity")),
        measures=(Measure("add_autonomy", "works", "electricity", hours=4),),
    )
    assert set(_subject(tiny_world, helped, 4).situation.acts) == {"works"}
    assert set(_subject(tiny_world, helped, 6).situation.acts) == {"works", "clinic"}


def test_the_chart_of_no_course_is_a_chart(tiny_world):
    subject = _subject(tiny_world, Scenario("tiny"))
    etree.fromstring(timeline(subject.drawn, 0, LABELS))


def test_the_mail_says_whom_to_call(tiny_world):
    works = replace(tiny_world.assets["works"], operator="Town works Ltd")
    world = replace(tiny_world, assets={**tiny_world.assets, "works": works})
    text = mail_list(_subject(world, label="TLP:GREEN"))
    assert text.startswith("TLP:GREEN\nGrid\n")
    assert (
        "8 h: Water works: reserve for electricity ends, 1,200 people. Call: Town works Ltd" in text
    )
    assert "Call: operator not known" in text
    works = replace(works, contact="Control room, ext. 12")
    world = replace(tiny_world, assets={**tiny_world.assets, "works": works})
    assert "Call: Town works Ltd, Control room, ext. 12" in mail_list(_subject(world))


def test_the_mail_is_in_the_language_of_who_asks(tiny_world):
    with speaking(PSEUDO):
        text = mail_list(_subject(tiny_world, label="TLP:GREEN")).splitlines()
    assert text[:2] == ["TLP:GREEN", "Grid"]
    assert text[2] == "⟦Tiny town, from 4 h on. Run abc.⟧"
    said = [line for line in text[4:] if line and line != tiny_world.attribution]
    assert said and all(line.startswith("⟦") and line.endswith("⟧") for line in said)
    with speaking(all_spoken()["de"].language):
        assert "1.200" in mail_list(_subject(tiny_world))


def _warning(world, polygon=()):
    return alert(_subject(world), Warn("2026-01-01T00:00:00+00:00", polygon=polygon))


@pytest.mark.parametrize("polygon", [(), ((13.0, 53.0), (14.0, 53.0), (14.0, 54.0), (13.0, 53.0))])
def test_a_warning_says_its_texts_in_the_language_and_its_codes_as_the_standard_has_them(
    tiny_world, polygon
):
    english = _warning(tiny_world, polygon)
    assert english.language == "en"
    assert english.headline.startswith("This is an exercise. Substation fails at 0 h.")
    with speaking(PSEUDO):
        text = _warning(tiny_world, polygon)
    texts = ("event", "headline", "description", "area", "note")
    assert [getattr(text, name)[0] for name in texts] == ["⟦"] * len(texts)
    same = {name: getattr(english, name) for name in texts}
    assert replace(text, **same, language="en") == english
    assert f"<language>{PSEUDO.code}</language>".encode() in cap(text)


def test_when_it_was_made_is_said_in_the_language():
    at = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
    assert made_words(at) == "made 2 March 2026, 14:05 UTC"
    with speaking(all_spoken()["fr"].language):
        assert "2 mars 2026" in made_words(at)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a\nb\t c", "a b c"), ("x" * 200, "x" * (MAX_NAME - 1) + "…"), ("", ""), ("‮evil", "evil")],
)
def test_cut(text, message):
    assert cut(text) == message


@pytest.mark.parametrize(
    ("at_least", "sentence"),
    [
        ((900, 0, 0), "900 people lack something."),
        ((900, 20, 0), "900 people lack something, 20 of them two services."),
        ((900, 900, 0), "900 people lack something, all of them two services."),
        ((900, 900, 20), "900 people lack something, 20 of them three services or more."),
        ((900, 900, 900), "900 people lack something, all of them three services or more."),
        ((1, 1, 1), "1 person lacks three services or more."),
        ((1, 1, 0), "1 person lacks two services."),
    ],
)
def test_all_of_them_are_not_told_by_their_number(at_least, sentence):
    courses = [{"t": [0], "n": [n]} for n in at_least]
    assert lacking_words({"lacking": courses, "at_least": None}, 0) == sentence
