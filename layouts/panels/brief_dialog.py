"""The dialog to export a file: its kind, its label, and the fields of a warning."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.paper.outgoing import KINDS
from layouts.parts import extra, opening, sentence
from models.wording import N_, _

TLP = (
    ("", N_("no label")),
    ("TLP:CLEAR", N_("TLP:CLEAR: everybody")),
    ("TLP:GREEN", N_("TLP:GREEN: the community")),
    ("TLP:AMBER", N_("TLP:AMBER: your organisation and its clients")),
    ("TLP:AMBER+STRICT", N_("TLP:AMBER+STRICT: your organisation")),
    ("TLP:RED", N_("TLP:RED: only those present")),
)
#: values of a CAP message, and their labels
_STATUS = (N_("Exercise"), N_("Actual"), N_("Test"), N_("Draft"))
_URGENCY = (N_("Unknown"), N_("Immediate"), N_("Expected"), N_("Future"), N_("Past"))
_SEVERITY = (N_("Unknown"), N_("Extreme"), N_("Severe"), N_("Moderate"), N_("Minor"))
_AREA = (("lost", N_("around what is lost")), ("map", N_("the map's view")))
_CERTAINTY = (N_("Unknown"), N_("Observed"), N_("Likely"), N_("Possible"), N_("Unlikely"))


def brief_button() -> Component:
    """Return the button in the header."""
    return opening(
        _("Brief"),
        ids.BRIEF_DIALOG,
        className="quiet-button",
        title=_("Briefing, map, mail list, warning"),
        id="brief-button",
    )


def brief_dialog() -> Component:
    """Return the dialog; ``page/panels/leaving.js`` sends its values and saves the answer."""
    kinds = [(name, kind.label) for name, kind in KINDS.items()]
    return html.Dialog(
        html.Form(
            [
                _heading(),
                html.P(_("About the hour that the clock shows."), **extra({"data-leave": "about"})),
                _field(_("Make"), _select("kind", kinds)),
                _field(_("Label"), _select("label", TLP)),
                _warning(),
                html.P(className="form-problem", role="alert"),
                html.P(
                    sentence(
                        _("Or a link to this picture: {links}"),
                        links=html.Span(**extra({"data-leave": "links"})),
                    )
                ),
                html.Div(
                    html.Button(_("Make and save"), type="submit", className="primary"),
                    className="dialog-buttons",
                ),
            ],
            className="stack",
            **extra({"data-leave": "form"}),
        ),
        id=ids.BRIEF_DIALOG,
        **extra({"aria-label": _("Files and warnings")}),
    )


def _heading() -> Component:
    close = html.Button(
        "×",
        type="button",
        className="close",
        **extra({"data-close": "1", "aria-label": _("Close")}),
    )
    return html.Header([html.H2(_("Files and warnings")), close])


def _warning() -> Component:
    """Return the fields of a warning; shown for that kind only."""
    words = (
        ("status", _("Status"), _STATUS),
        ("urgency", _("Urgency"), _URGENCY),
        ("severity", _("Severity"), _SEVERITY),
        ("certainty", _("Certainty"), _CERTAINTY),
    )
    return html.Div(
        [
            *(_field(label, _select(name, _same(choices))) for name, label, choices in words),
            _field(_("Area"), _select("area", _AREA)),
            html.P(
                _("You decide how severe it is: a model based on assumptions must not."),
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
    made = [html.Option(_(label), value=value) for value, label in options]
    return html.Select(made, **extra({"name": name}))


def _field(label: str, control: Component) -> Component:
    return html.Label([html.Span(label), control], className="field")
