"""The dialog of what leaves the room: which file, under which label; a warning needs more."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.outgoing import KINDS
from layouts.parts import extra, opening

TLP = (
    ("", "no label"),
    ("TLP:CLEAR", "TLP:CLEAR: everybody"),
    ("TLP:GREEN", "TLP:GREEN: the community"),
    ("TLP:AMBER", "TLP:AMBER: your organisation and its clients"),
    ("TLP:AMBER+STRICT", "TLP:AMBER+STRICT: your organisation"),
    ("TLP:RED", "TLP:RED: only who is here"),
)
_STATUS = ("Exercise", "Actual", "Test", "Draft")
_URGENCY = ("Unknown", "Immediate", "Expected", "Future", "Past")
_SEVERITY = ("Unknown", "Extreme", "Severe", "Moderate", "Minor")
_AREA = (("lost", "around what is lost"), ("map", "the map's view"))
_CERTAINTY = ("Unknown", "Observed", "Likely", "Possible", "Unlikely")


def brief_button() -> Component:
    """Return the button in the header."""
    return opening(
        "Brief",
        ids.BRIEF_DIALOG,
        className="quiet-button",
        title="Briefing, map, mail list, warning",
        id="brief-button",
    )


def brief_dialog() -> Component:
    """Return the dialog; ``assets/57_leaving.js`` sends what it holds and saves the answer."""
    kinds = [(name, kind.label) for name, kind in KINDS.items()]
    return html.Dialog(
        html.Form(
            [
                _heading(),
                html.P("About the hour that the clock shows.", **extra({"data-leave": "about"})),
                _field("Make", _select("kind", kinds)),
                _field("Label", _select("label", TLP)),
                _warning(),
                html.P(className="form-problem", role="alert"),
                html.P(
                    ["Or a link to this picture: ", html.Span(**extra({"data-leave": "links"}))]
                ),
                html.Div(
                    html.Button("Make and save", type="submit", className="primary"),
                    className="dialog-buttons",
                ),
            ],
            className="stack",
            **extra({"data-leave": "form"}),
        ),
        id=ids.BRIEF_DIALOG,
        **extra({"aria-label": "What leaves the room"}),
    )


def _heading() -> Component:
    close = html.Button(
        "×", type="button", className="close", **extra({"data-close": "1", "aria-label": "Close"})
    )
    return html.Header([html.H2("What leaves the room"), close])


def _warning() -> Component:
    """Return what a warning needs beyond the hour; shown for that kind alone."""
    words = (
        ("Status", _STATUS),
        ("Urgency", _URGENCY),
        ("Severity", _SEVERITY),
        ("Certainty", _CERTAINTY),
    )
    return html.Div(
        [
            *(_field(name, _select(name.lower(), _same(choices))) for name, choices in words),
            _field("Area", _select("area", _AREA)),
            html.P(
                "How grave it is you decide: a model that reckons with assumptions must not.",
                className="fine-print",
            ),
        ],
        className="stack",
        hidden=True,
        **extra({"data-leave": "warning"}),
    )


def _same(words: Sequence[str]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


def _select(name: str, options: Sequence[tuple[str, str]]) -> Component:
    made = [html.Option(label, value=value) for value, label in options]
    return html.Select(made, **extra({"name": name}))


def _field(label: str, control: Component) -> Component:
    return html.Label([html.Span(label), control], className="field")
