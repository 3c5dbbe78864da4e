"""Colours: the style sheet is what the palette says, and every pair can be read."""

from __future__ import annotations

import pytest

from layouts.palette import STATE_LOOKS, THEMES, TOKENS_FILE, css, state_attributes
from models.outcome import STATES

TEXT = ("ink", "soft", "accent", "lost-text", "backup-text", "unknown-text", "good-text")
GROUNDS = ("panel", "ground", "hover")
#: amber alone is too light for the map; its ring has an outline in backup-text
SYMBOLS = ("hit", "lost", "degraded", "repair", "deadlock", "unknown", "working")


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_style_sheet_is_the_palette():
    assert TOKENS_FILE.read_text(encoding="utf-8") == css(), "run python -m layouts.palette"


def test_every_state_has_a_look_of_its_own():
    assert set(STATE_LOOKS) == set(STATES)
    assert len({look.shape for look in STATE_LOOKS.values()}) == len(STATES)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme):
    tokens = THEMES[theme]
    pairs = [(text, ground) for text in TEXT for ground in GROUNDS]
    pairs += [("on-lost", "lost"), ("on-accent", "accent"), ("map-label", "map-land")]
    poor = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in pairs}
    assert not {pair: c for pair, c in poor.items() if c < 4.5}


@pytest.mark.parametrize("theme", THEMES)
def test_symbols_can_be_seen_on_their_plate(theme):
    tokens = THEMES[theme]
    poor = {name: contrast(tokens[name], tokens["plate"]) for name in (*SYMBOLS, "backup-text")}
    assert not {name: c for name, c in poor.items() if c < 3}


def test_scripts_are_told_all_they_say_of_a_state():
    attributes = state_attributes()
    assert len(attributes) == len(STATES)
    assert attributes[STATES.index("failed-cascade")] == {
        "label": "lost by cascade",
        "token": "lost",
        "shape": "red disc",
        "glyph": "●",
        "short": "lost",
    }
    assert len({attribute["glyph"] for attribute in attributes}) == len(STATES)
