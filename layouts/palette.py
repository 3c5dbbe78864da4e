"""Every colour of the page once: tokens per theme, states, sectors, services.

The browser gets them as CSS variables: ``assets/00_tokens.css`` is :func:`css` written to a file
(``python -m layouts.palette`` rewrites it; a test holds the two together), and the scripts read
the variables. Graph stylesheets and charts may name them as ``var(--lost)`` or use :data:`LIGHT`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from layouts.words import state_words
from models.outcome import STATES, State
from models.wording import N_, _

TOKENS_FILE = Path(__file__).resolve().parent.parent / "assets" / "00_tokens.css"


@dataclass(frozen=True, slots=True)
class StateLook:
    """The look of a state: distinguished by shape first, then by colour (a token's name).

    ``shape`` is the symbol in words, ``glyph`` its character in texts, ``short`` the state's short
    name. Its full name is in :data:`layouts.words.STATE_LABELS`.
    """

    token: str
    shape: str
    glyph: str
    short: str


STATE_LOOKS: Mapping[State, StateLook] = {
    "working": StateLook("working", N_("small dot"), "·", N_("working")),
    "backup": StateLook(
        "backup", N_("ring that empties with the hours left"), "◔", N_("on backup")
    ),
    "degraded": StateLook("degraded", N_("half disc"), "◐", N_("degraded")),
    "failed-direct": StateLook("hit", N_("dark square"), "■", N_("hit")),
    "failed-cascade": StateLook("lost", N_("red disc"), "●", N_("lost")),
    "under-repair": StateLook("repair", N_("blue dashed ring"), "◌", N_("in repair")),
    "restarting": StateLook("repair", N_("blue arrow ring"), "↻", N_("restarting")),
    "stuck": StateLook("deadlock", N_("violet hexagon"), "⬢", N_("stuck")),
    "unknown": StateLook("unknown", N_("grey dashed ring with ?"), "?", N_("unknown")),
}

LIGHT: Mapping[str, str] = {
    "ink": "#1d2430",
    "soft": "#545e6c",
    "line": "#dfe2e6",
    "edge": "#848d99",
    "panel": "#ffffff",
    "ground": "#f6f7f8",
    "accent": "#0b5cad",
    "on-accent": "#ffffff",
    "hover": "#eef1f4",
    "map-land": "#f3f1ec",
    "map-built": "#e9e6df",
    "map-wood": "#dde5d6",
    "map-water": "#c9dbe6",
    "map-road": "#ffffff",
    "map-rail": "#c8c3b8",
    "map-label": "#4d5561",
    "map-halo": "#ffffff",
    "hit": "#1d2430",
    "on-hit": "#ffd866",
    "lost": "#c2272d",
    "on-lost": "#ffffff",
    "backup": "#e8a317",
    "degraded": "#cc5a12",
    "repair": "#2b6cb0",
    "deadlock": "#6b3fa0",
    "unknown": "#737983",
    "working": "#5b7186",
    "plate": "#ffffff",
    "lost-text": "#b91f26",
    "backup-text": "#8a5a00",
    "unknown-text": "#5d646e",
    "good-text": "#23724a",
    "shade": "#f9e8e8",
    "link-electricity": "#3f566e",
    "link-heat": "#8a6aa8",
    "link-gas": "#8a7a3a",
    "link-road": "#cfc8ba",
    "link-rail": "#aaa396",
    "link-other": "#6d7680",
    # people in a cell: some lack something, then one service, two, three or more
    "cell-1": "#f0cfe1",
    "cell-2": "#dc8dba",
    "cell-3": "#b54a8a",
    "cell-4": "#6f1555",
    "shadow": "0 1px 2px rgb(20 30 45 / 10%), 0 6px 20px rgb(20 30 45 / 10%)",
}

DARK: Mapping[str, str] = {
    **LIGHT,
    "ink": "#e9edf2",
    "soft": "#a9b3c0",
    "line": "#323b47",
    "edge": "#737f8f",
    "panel": "#1a2129",
    "ground": "#12171d",
    "accent": "#6fb4f7",
    "on-accent": "#0d1620",
    "hover": "#252e39",
    "map-land": "#1a2027",
    "map-built": "#222932",
    "map-wood": "#1c2823",
    "map-water": "#142c40",
    "map-road": "#333d49",
    "map-rail": "#444e5a",
    "map-label": "#b3bdc9",
    "map-halo": "#141a20",
    "hit": "#f2f5f8",
    "on-hit": "#7a5200",
    "lost": "#f0525a",
    "on-lost": "#1b0506",
    "backup": "#f3b63c",
    "degraded": "#f08a3c",
    "repair": "#66aaf0",
    "deadlock": "#b692e6",
    "unknown": "#98a2ae",
    "working": "#8099b0",
    "plate": "#1a2129",
    "lost-text": "#ff8a8f",
    "backup-text": "#f3b63c",
    "unknown-text": "#a9b3c0",
    "good-text": "#6fcf9a",
    "shade": "#36242a",
    "link-electricity": "#9db4cb",
    "link-heat": "#b99ad6",
    "link-gas": "#c9b978",
    "link-road": "#3d4854",
    "link-rail": "#5b6672",
    "link-other": "#939da8",
    "cell-1": "#553348",
    "cell-2": "#8f4d7b",
    "cell-3": "#c86fab",
    "cell-4": "#f6b3df",
    "shadow": "0 1px 2px rgb(0 0 0 / 50%), 0 6px 20px rgb(0 0 0 / 40%)",
}

#: For a projector in a lit room: the light theme with stronger contrasts.
PROJECTOR: Mapping[str, str] = {
    **LIGHT,
    "ink": "#0b0f16",
    "soft": "#38414d",
    "line": "#b9c0c9",
    "edge": "#5d6672",
    "ground": "#ffffff",
    "accent": "#074a8f",
    "map-land": "#f7f5f1",
    "map-built": "#e4e0d8",
    "map-wood": "#d3dfca",
    "map-water": "#b3cfe0",
    "map-rail": "#aaa496",
    "map-label": "#2a313b",
    "hit": "#0b0f16",
    "lost": "#b3141b",
    "lost-text": "#a30f16",
    "backup": "#e09600",
    "backup-text": "#744a00",
    "degraded": "#c9560f",
    "unknown": "#6f757e",
    "unknown-text": "#4d545e",
    "working": "#4b6178",
    "shade": "#f5dada",
}

THEMES: Mapping[str, Mapping[str, str]] = {"light": LIGHT, "dark": DARK, "projector": PROJECTOR}


def state_attributes() -> list[dict[str, str]]:
    """Return the page's one table of states, in code order."""
    return [
        asdict(look)
        | {
            "label": state_words(state),
            "shape": _(look.shape),
            "short": _(look.short),
        }
        for state, look in ((state, STATE_LOOKS[state]) for state in STATES)
    ]


def css() -> str:
    """Return the style sheet of tokens: light, dark (by wish or by system) and projector."""
    light, dark, projector = (_block(THEMES[name]) for name in ("light", "dark", "projector"))
    return (
        "/* Made by `python -m layouts.palette`; change layouts/palette.py instead. */\n"
        f":root {{\n  color-scheme: light;\n{light}}}\n"
        f"@media (prefers-color-scheme: dark) {{\n:root:not([data-theme]) {{\n"
        f"  color-scheme: dark;\n{dark}}}\n}}\n"
        f':root[data-theme="dark"] {{\n  color-scheme: dark;\n{dark}}}\n'
        f':root[data-theme="projector"] {{\n  color-scheme: light;\n{projector}}}\n'
    )


def _block(tokens: Mapping[str, str]) -> str:
    return "".join(f"  --{name}: {value};\n" for name, value in tokens.items())


if __name__ == "__main__":
    TOKENS_FILE.parent.mkdir(exist_ok=True)
    TOKENS_FILE.write_text(css(), encoding="utf-8")
