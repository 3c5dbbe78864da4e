"""Compare: two futures with one clock, or the difference; ``page/panels/compare.js`` fills it."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.parts import extra
from models.wording import _


def compare_view() -> Component:
    """Return the pane: choice of two futures, mode, and the place of the result."""
    return html.Div(
        [
            html.Header(
                [
                    html.H2(_("Compare")),
                    html.Div(
                        [
                            _pick("a", "A"),
                            html.Span(_("with"), className="fine-print"),
                            _pick("b", "B"),
                        ],
                        className="compare-picks",
                    ),
                ]
            ),
            html.Div(
                [
                    _mode("difference", _("Difference map"), True),
                    _mode("side", _("Side by side"), False),
                ],
                className="segments compare-modes",
                role="group",
                **extra({"aria-label": _("How the map shows them")}),
            ),
            html.Div(
                className="compare-body",
                role="region",
                tabIndex="0",
                **extra({"data-compare": "body", "aria-label": _("What differs")}),
            ),
            html.Div(className="sr-only", role="status", **extra({"data-compare": "status"})),
        ],
        className="compare-panel",
    )


def _pick(which: str, letter: str) -> Component:
    # the options come with the answer: a plain select, filled by the script
    return html.Label(
        [
            html.B(letter),
            html.Span(className="compare-pick", **extra({"data-compare-pick": which})),
        ],
        className="compare-label",
    )


def _mode(mode: str, label: str, pressed: bool) -> Component:
    return html.Button(
        label,
        type="button",
        **extra({"data-compare-mode": mode, "aria-pressed": "true" if pressed else "false"}),
    )
