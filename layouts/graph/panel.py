"""The frame of the dependency graph: its modes, its steps, its legend, an empty cytoscape."""

from __future__ import annotations

import json
from collections.abc import Sequence

import dash_cytoscape as cyto
from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.parts import extra
from layouts.words import basis_words
from models.wording import N_, _

MODES = ("neighbourhood", "affected", "sectors")
_MODE_LABELS = {
    "neighbourhood": N_("Around the selection"),
    "affected": N_("What this reached"),
    "sectors": N_("Sectors"),
}
STEPS = (1, 2, 3, 4, 6)


def graph_panel() -> Component:
    """Return the graph with its controls; it is empty until something is selected."""
    return html.Section(
        [
            html.Div([_mode(), _steps(), _legend()], className="graph-tools"),
            html.P(id=ids.GRAPH_NOTE, className="graph-note", **extra({"aria-live": "polite"})),
            cyto.Cytoscape(
                id=ids.GRAPH,
                elements=[],
                # assets/page/panels/graph.js sets the viewport: fitting here would undo it
                layout={"name": "preset", "fit": False, "animate": False},
                stylesheet=[],
                style={"width": "100%", "height": "100%"},
                minZoom=0.08,
                maxZoom=2.5,
                boxSelectionEnabled=True,
                autoungrabify=True,
                responsive=False,
            ),
        ],
        className="graph-panel",
        **extra({"aria-label": _("Dependency graph; the list shows the same assets as a table")}),
    )


def _mode() -> Component:
    choices = [(mode, _(_MODE_LABELS[mode])) for mode in MODES]
    return _choice(ids.GRAPH_MODE, _("What the graph shows"), choices, MODES[0])


def _steps() -> Component:
    choices = [(n, str(n)) for n in STEPS]
    control = _choice(ids.GRAPH_STEPS, _("Steps from the selection"), choices, 2)
    return html.Div([html.Span(_("Steps")), control], className="graph-steps")


def _choice(
    store_id: str, label: str, choices: Sequence[tuple[str | int, str]], chosen: str | int
) -> Component:
    """Return a group of buttons of which one is pressed; a store holds its value."""
    buttons = [
        html.Button(
            text,
            type="button",
            **extra(
                {
                    "data-choose": store_id,
                    "data-value": json.dumps(value),
                    "aria-pressed": str(value == chosen).lower(),
                }
            ),
        )
        for value, text in choices
    ]
    return html.Div(
        [dcc.Store(id=store_id, data=chosen), *buttons],
        className="segmented",
        role="group",
        **extra({"aria-label": label}),
    )


def _legend() -> Component:
    return html.Span(
        [
            html.Span(_("supplier → consumer")),
            html.Span(basis_words("declared"), className="edge-key edge-declared"),
            html.Span(basis_words("inferred"), className="edge-key edge-inferred"),
            html.Span(basis_words("assumed"), className="edge-key edge-assumed"),
        ],
        className="graph-legend",
    )
